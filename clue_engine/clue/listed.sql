-- One row per clue; restricted as every clue of a protected household is, and any by its own rules.
-- Reads clue_shortlist, clue_protected. Writes clue.
create or replace table clue as
select
    s.* exclude (spreads) replace (p.household_id is not null or s.restricted as restricted),
    coalesce(p.careful, false) as careful
from clue_shortlist as s
left join clue_protected as p on p.household_id = s.household_id
order by s.direction_seq, s.rank;
