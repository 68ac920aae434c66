-- The clues that are listed, and the count of the rest: a list of open questions is kept to a length that can be visited.
-- Reads clue_all, clue_candidate, variables pending_share (of the certain clues) and pending_least.
-- Writes clue_shortlist, clue_count.
create or replace temp table clue_shortlist as
with ranked as (
    select
        *,
        row_number() over (partition by direction, status order by rank) as place,
        count(*) filter (status = '线索') over (partition by direction) as n_certain
    from clue_all
),
kept as (
    select * exclude (rank, place, n_certain), rank as rank_of_all
    from ranked
    where status <> '待核'
        or has_pending  -- all its rules hit, only a hold is open: always worth the visit
        or place <= greatest(getvariable('pending_least'), ceil(n_certain * getvariable('pending_share')))
)
select
    * exclude (rank_of_all),
    row_number() over (partition by direction order by rank_of_all)::integer as rank
from kept
order by direction_seq, rank;

create or replace table clue_count as
with waiting as (
    select a.direction, a.household_id
    from clue_all as a
    anti join clue_shortlist as c on c.clue_id = a.clue_id
)
select direction, '差一项事实、未列入待核' as what, count(*) as n
from waiting
group by direction
union all
select c.direction, '信息不足、暂不列出', count(distinct c.household_id)
from clue_candidate as c
anti join clue_all as s on s.household_id = c.household_id and s.direction = c.direction
group by c.direction
union all
select direction, status, count(*)
from clue_shortlist
group by direction, status
order by 1, 2;
