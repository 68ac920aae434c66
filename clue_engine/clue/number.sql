-- The numbers that clues were ever listed under and the keys they are found by: what outlives a scan.
-- number_given: one row per number; now_id: the number under which its clue is listed now, where two became one.
-- number_key: one row per key; since: the scan that brought it.
-- Reads clue, clue_numbered, clue_key, clue_claim, household (and both tables as they were).
-- Writes number_given, number_key.
-- an open question that is not listed has no number for anybody yet
create or replace temp table number_mine as
select *
from clue_numbered
semi join (select clue_id from clue union select clue_id from number_given) as known using (clue_id);

create or replace temp table number_now as
with claimed as (
    select c.clue_id as old_id, arg_min(n.clue_id, (c.best, n.clue_id)) as now_id
    from (select household_id, direction, best, clue_id from clue_claim) as c
    join number_mine as n using (household_id, direction)
    group by c.clue_id
)
select
    coalesce(g.clue_id, n.clue_id) as clue_id,
    coalesce(g.direction, n.direction) as direction,
    coalesce(g.seq, (select coalesce(max(seq), 0) from number_given) + row_number() over (
        partition by g.clue_id is null order by n.clue_id
    ))::bigint as seq,
    case when n.clue_id is null then coalesce(c.now_id, g.now_id) end as now_id
from number_given as g
full join number_mine as n on n.clue_id = g.clue_id
left join claimed as c on c.old_id = g.clue_id;

-- which keys a clue may keep: those that are its alone; where none is, all of them and its household
create or replace temp table number_kept as
with counted as (
    select
        k.*,
        n.clue_id,
        h.household_key,
        count(*) over (partition by k.key) > 1 as shared,
        bool_and(s.shared) over (partition by k.household_id, k.direction) as none_own
    from clue_key as k
    join number_mine as n using (household_id, direction)
    join household as h on h.household_id = k.household_id
    join (select key, count(*) > 1 or min(level) = 4 as shared from clue_key group by key) as s using (key)
)
select
    key,
    arg_min(clue_id, household_key) as clue_id,
    arg_min(through, household_key) as through,
    arg_min(known, household_key) as known,
    arg_min(place, household_key) as place,
    list(clue_id) as clue_ids
from counted
where none_own or (not shared and level < 4)
group by key;

create or replace table number_key as
with scan as (
    select coalesce(max(since), 0) + 1 as no
    from number_key
),
met as (
    select
        coalesce(o.key, k.key) as key,
        -- it stays with the number it came to, unless that is another clue's now and no longer has it
        o.key is null or (k.key is not null and n.clue_id is not null and not list_contains(k.clue_ids, o.clue_id)) as moves,
        o.clue_id as old_id, o.since, o.place as old_place, o.through as old_through, o.known as old_known,
        k.clue_id, k.place, k.through, k.known
    from number_key as o
    full join number_kept as k on k.key = o.key
    left join number_mine as n on n.clue_id = o.clue_id
)
select
    key,
    if(moves, clue_id, old_id) as clue_id,
    if(moves, scan.no, since)::integer as since,
    if(moves, place, old_place)::integer as place,
    if(moves, through, old_through and coalesce(through, true)) as through,
    if(moves, known, old_known or coalesce(known, false)) as known
from met
cross join scan
order by key;

create or replace table number_given as
select clue_id, direction, seq, now_id
from number_now
order by seq;
drop table number_mine;
drop table number_now;
drop table number_kept;
