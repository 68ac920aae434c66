-- One row per clue and part of it in the ledger: the applicants and cases that the clue rests on, or that holds took out.
-- Reads clue, clue_resting, hold_row, clue_pack_hold, clue_pack_relation, fact_involvement, involved_part.
-- Writes clue_part. Where a hold takes out the whole household, every case of it; a clue of a household without a case is a
-- part of its own, by its number.
create or replace table clue_part as
with basis as (
    select household_id, direction, row_id
    from clue_resting
    where relation = 'involvement'
    union
    select c.household_id, c.direction, h.row_id
    from clue as c
    join hold_row as h on h.household_id = c.household_id and h.direction in (c.direction, '*') and h.outcome = 1
    join clue_pack_relation as n on n.word = h.relation and n.relation = 'involvement'
    join clue_pack_hold as p on p.hold_id = h.hold_id and p.action in ('suppress', 'hold')
    where c.status = '搁置'
),
resting as (
    select c.clue_id, b.row_id
    from clue as c
    join basis as b using (household_id, direction)
    union all
    select c.clue_id, f.row_id
    from clue as c
    join fact_involvement as f using (household_id)
    anti join basis as b on b.household_id = c.household_id and b.direction = c.direction
)
select distinct
    c.clue_id,
    c.direction,
    coalesce(p.part, 'N' || c.clue_id) as part
from clue as c
left join resting as r using (clue_id)
left join fact_involvement as f on f.row_id = r.row_id
left join involved_part as p on p.household_id = f.household_id and p.party_id = f.party_id
order by c.clue_id, part;
