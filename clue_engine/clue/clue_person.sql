-- One row per clue and person of its rows: whom the clue names first, then the others, the head of the household last.
-- First is who is in the case that the row in the lists shows: name and case of a row are never of two persons.
-- Reads clue, clue_case, clue_resting, clue_hold, fact_involvement, fact_member, household, person, variables as_of and adult_age.
-- Writes clue_person. For a child that the clue rests on the head is named; a party of a case who is one is a victim or
-- relative of a victim. minor: surely or possibly under age today.
create or replace table clue_person as
with of_age as (
    select person_id, coalesce(birth_hi, birth_lo) > getvariable('as_of') - to_years(getvariable('adult_age')) as minor
    from person
),
resting as (
    select distinct c.clue_id, r.relation, r.row_id, r.weighed, r.kind
    from clue as c
    join clue_resting as r using (household_id, direction)
),
named as (
    select
        r.clue_id,
        f.person_id,
        -- the one who is in the case before a relative of his
        case when f.via is distinct from '近亲属' then 1 else 2 end as place,
        r.weighed,
        r.row_id
    from resting as r
    join fact_involvement as f on f.row_id = r.row_id
    where r.relation = 'involvement'
    union all
    select r.clue_id, case when coalesce(a.minor, false) then h.head_person_id else f.person_id end, 3 as place, r.weighed, r.row_id
    from resting as r
    join fact_member as f on f.row_id = r.row_id
    join household as h on h.household_id = f.household_id
    left join of_age as a on a.person_id = f.person_id
    where r.relation = 'member'
    union all
    select r.clue_id, f.person_id, 5 as place, r.weighed, r.row_id
    from resting as r
    join fact_member as f on f.row_id = r.row_id
    join of_age as a on a.person_id = f.person_id and a.minor
    where r.relation = 'member'
    union all
    -- a held clue has no witness row: the rows that the hold took out stand for it
    select h.clue_id, f.person_id, 1 as place, false as weighed, h.row_id
    from clue_hold as h
    join clue as c on c.clue_id = h.clue_id and c.status = '搁置'
    join fact_involvement as f on f.row_id = h.row_id
    where h.relation = 'involvement'
    union all
    select c.clue_id, h.head_person_id, 4 as place, true as weighed, 0 as row_id
    from clue as c
    join household as h on h.household_id = c.household_id
),
first_place as (
    select
        n.clue_id,
        n.person_id,
        min(struct_pack(other := t.clue_id is null, place := n.place, open := not n.weighed, row_id := n.row_id)) as best
    from named as n
    -- places 1 and 2: row_id is of a case
    left join clue_case as t on t.clue_id = n.clue_id and t.row_id = n.row_id and t.seq = 1 and n.place < 3
    where n.person_id is not null
    group by n.clue_id, n.person_id
)
select
    p.clue_id,
    p.person_id,
    p.best.place as place,
    coalesce(a.minor, false) as minor,
    row_number() over (partition by p.clue_id order by p.best, p.person_id)::integer as seq
from first_place as p
join clue as c on c.clue_id = p.clue_id
left join of_age as a on a.person_id = p.person_id
order by c.direction_seq, c.rank, seq;
