-- One row per listed clue and person of its household or of its cases: who lives there, who may be talked to.
-- Reads clue, clue_person, fact_member, fact_involvement, person, variable restricted_homes (of these or of the open
-- clues). Writes export_person.
-- Dead: in the register or in any case, also where it is not certain that it is this person: nobody asks for the dead.
create or replace temp table export_person as
with someone as (
    select clue_id, person_id, seq
    from clue_person
    union all
    select c.clue_id, m.person_id, 1000000 as seq
    from clue as c
    join fact_member as m using (household_id)
),
of_clue as (
    select s.clue_id, c.household_id, s.person_id, min(s.seq) as seq
    from someone as s
    join clue as c using (clue_id)
    where s.person_id is not null and c.restricted = getvariable('restricted_homes')
    group by all
),
lives as (
    select
        household_id,
        person_id,
        any_value(relation order by row_id) as relation,
        any_value(labour order by row_id) as labour,
        bool_or(alive in ('死亡', '失踪')) as gone
    from fact_member
    group by household_id, person_id
),
in_case as (
    select
        household_id,
        person_id,
        bool_or(alive = '死亡' or died_lo is not null) as dead,
        bool_or(list_contains(roles, '嫌疑人')) as suspect,
        bool_or(list_contains(roles, '被害人')) as victim
    from fact_involvement
    where person_id is not null
    group by household_id, person_id
)
select
    o.clue_id,
    o.person_id,
    o.seq,
    p.name,
    p.sex,
    p.phone,
    p.birth_lo,
    p.birth_hi,
    l.person_id is not null as is_member,
    l.relation,
    l.labour,
    coalesce(l.gone, false) or coalesce(i.dead, false) as gone,
    coalesce(i.suspect, false) as suspect,
    coalesce(i.suspect and not coalesce(i.victim, false), false) as accused
from of_clue as o
join person as p using (person_id)
left join lives as l using (household_id, person_id)
left join in_case as i using (household_id, person_id)
order by o.clue_id, o.seq, o.person_id;
