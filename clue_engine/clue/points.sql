-- One row per household, direction and rule of a listed household, with the points that count.
-- Reads clue_candidate, clue_status, clue_pack_point, clue_pack_supersede. Writes clue_points.
-- certain: points that count today. possible: points if every open question is answered with yes. A dominated rule
-- loses its points to a rule of the same certainty. Trial rules have no points; a lost rule counts only as possible,
-- and only for a household that is held altogether (what the clue would have weighed).
create or replace table clue_points as
with listed as (
    select c.*, s.status
    from clue_candidate as c
    join clue_status as s using (household_id, direction)
    where c.kind <> 'lost' or s.status = '搁置'
),
dominated as (
    select
        low.household_id,
        low.direction,
        low.rule_id,
        bool_or(high.kind = 'hit') as by_certain,
        true as by_possible
    from listed as low
    join clue_pack_supersede as p on p.dominated = low.rule_id
    join listed as high
        on high.household_id = low.household_id
        and high.direction = low.direction
        and high.rule_id = p.rule_id
        and not high.trial
    group by low.household_id, low.direction, low.rule_id
)
select
    l.household_id,
    l.direction,
    l.rule_id,
    l.kind,
    l.trial,
    l.decidable,
    coalesce(d.by_certain, false) as superseded,
    p.dimension,
    case when l.kind = 'hit' and not l.trial and not coalesce(d.by_certain, false)
         then coalesce(p.points, 0) else 0 end as certain_points,
    case when not l.trial and not coalesce(d.by_possible, false)
         then coalesce(p.points, 0) else 0 end as possible_points
from listed as l
left join dominated as d using (household_id, direction, rule_id)
left join clue_pack_point as p on p.rule_id = l.rule_id;
