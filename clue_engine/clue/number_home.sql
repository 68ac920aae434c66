-- The number of the household of each clue that was ever listed: one row per number of a clue, as it was listed last.
-- Reads clue_numbered, clue_home, number_given (and the table as it was). Writes number_home.
create or replace table number_home as
with now as (
    select n.clue_id, h.home_no
    from clue_numbered as n
    join clue_home as h using (household_id)
    semi join number_given as g using (clue_id)
)
select clue_id, home_no
from now
union all
select clue_id, home_no
from number_home
anti join now using (clue_id)
order by clue_id;
