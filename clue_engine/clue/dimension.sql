-- One row per listed household, direction and dimension: min(cap, sum of points), certain and possible.
-- Reads clue_points, clue_status, clue_pack_dimension. Writes clue_dimension_score.
create or replace table clue_dimension_score as
with summed as (
    select
        household_id,
        direction,
        dimension,
        sum(certain_points) as certain_sum,
        sum(possible_points) as possible_sum
    from clue_points
    where dimension is not null
    group by household_id, direction, dimension
)
select
    s.household_id,
    s.direction,
    d.dimension,
    d.cap,
    coalesce(n.certain_sum, 0) as certain_sum,
    coalesce(n.possible_sum, 0) as possible_sum,
    least(d.cap, coalesce(n.certain_sum, 0))::integer as certain,
    -- a rule that may yet dominate another must not make the possible score smaller than the certain one
    least(d.cap, greatest(coalesce(n.certain_sum, 0), coalesce(n.possible_sum, 0)))::integer as possible
from clue_status as s
join clue_pack_dimension as d on d.direction = s.direction
left join summed as n
    on n.household_id = s.household_id
    and n.direction = s.direction
    and n.dimension = d.dimension;
