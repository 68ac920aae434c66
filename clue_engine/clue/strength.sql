-- One row per listed household and direction: how surely the persons of its cases are the persons of the household.
-- Reads clue_resting, fact_involvement, link_party. Writes clue_strength.
-- 疑似 only if every case row the clue rests on is 疑似; a row that exists only possibly is 疑似 as well.
create or replace table clue_strength as
with linked as (
    select household_id, person_id, bool_or(strength = '确认') as confirmed
    from link_party
    where household_id is not null and person_id is not null
    group by household_id, person_id
),
resting as (
    select distinct household_id, direction, row_id
    from clue_resting
    where weighed and relation = 'involvement'
)
select
    r.household_id,
    r.direction,
    case when bool_or(
        coalesce(f.certain, true) and coalesce(f."match" = '确认', l.confirmed, true)
    ) then '确认' else '疑似' end as strength
from resting as r
join fact_involvement as f on f.row_id = r.row_id
left join linked as l on l.household_id = r.household_id and l.person_id = f.person_id
group by r.household_id, r.direction;
