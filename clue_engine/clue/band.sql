-- One row per listed household and direction: scores and band.
-- Reads clue_status, clue_dimension_score, clue_hold_case, clue_pack_band, clue_pack_need. Writes clue_band.
-- Bands are half-open: the first whose floor and needs are reached; the lowest takes the rest. A certain clue is
-- judged by its certain score, any other by what it would weigh if its open question is answered with yes.
-- A downgrade counts where the whole clue rests on rows it concerns; otherwise it is only told.
create or replace table clue_band as
with scored as (
    select
        s.household_id,
        s.direction,
        s.status,
        s.status_order,
        s.has_pending,
        coalesce(sum(d.certain), 0)::integer as score,
        coalesce(sum(d.possible), 0)::integer as possible_score
    from clue_status as s
    left join clue_dimension_score as d using (household_id, direction)
    group by all
),
needed as (
    select s.household_id, s.direction, n.band, count(*) as n_reached
    from scored as s
    join clue_dimension_score as d on d.household_id = s.household_id and d.direction = s.direction
    join clue_pack_need as n on n.direction = d.direction and n.dimension = d.dimension
    where case when s.status = '线索' then d.certain else d.possible end >= n.least
    group by s.household_id, s.direction, n.band
),
reached as (
    select
        s.household_id,
        s.direction,
        min(b.seq) filter (
            case when s.status = '线索' then s.score else s.possible_score end >= b.floor
            and coalesce(n.n_reached, 0) >= b.n_needs
        ) as seq,
        max(b.seq) as lowest
    from scored as s
    join clue_pack_band as b on b.direction = s.direction
    left join needed as n
        on n.household_id = s.household_id and n.direction = s.direction and n.band = b.band
    group by s.household_id, s.direction
),
downgraded as (
    select distinct household_id, direction
    from clue_hold_case
    where action = 'downgrade' and outcome = 1 and bears = 'all'
),
placed as (
    select
        r.household_id,
        r.direction,
        d.household_id is not null as downgraded,
        least(r.lowest, coalesce(r.seq, r.lowest) + (d.household_id is not null)::integer) as seq
    from reached as r
    left join downgraded as d using (household_id, direction)
)
select
    s.*,
    coalesce(p.downgraded, false) as downgraded,
    coalesce(p.seq, 0) as band_seq,
    b.band,
    b.label as band_label
from scored as s
left join placed as p using (household_id, direction)
left join clue_pack_band as b on b.direction = s.direction and b.seq = p.seq;
