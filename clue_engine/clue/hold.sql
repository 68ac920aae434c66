-- One row per listed household, direction and hold that bears on the clue.
-- Reads hold_row, clue_resting, clue_status, clue_pack_hold, clue_pack_relation. Writes clue_hold_case.
-- bears: all (the household itself or every case row the clue rests on), some (only some of them),
-- aside (no row the clue rests on: rows that a hold took out, or an event beside the clue).
create or replace table clue_hold_case as
with weighed as (
    select distinct household_id, direction, relation, row_id
    from clue_resting
    where weighed
),
touching as (
    select
        s.household_id,
        s.direction,
        h.hold_id,
        h.outcome,
        n.relation,
        h.row_id,
        n.relation = 'household' as of_household,
        r.row_id is not null as of_witness
    from hold_row as h
    join clue_pack_relation as n on n.word = h.relation
    join clue_status as s on s.household_id = h.household_id and h.direction in (s.direction, '*')
    left join weighed as r
        on r.household_id = h.household_id
        and r.direction = s.direction
        and r.relation = n.relation
        and r.row_id = h.row_id
),
resting_count as (
    select household_id, direction, relation, count(distinct row_id) as n
    from weighed
    group by household_id, direction, relation
),
gathered as (
    select
        t.household_id,
        t.direction,
        t.hold_id,
        t.outcome,
        bool_or(t.of_household) as of_household,
        count(distinct t.row_id) filter (t.of_witness) as n_witness,
        any_value(n.n) as n_resting,
        min(struct_pack(aside := not t.of_witness, relation := t.relation, row_id := t.row_id)) as first_row
    from touching as t
    left join resting_count as n
        on n.household_id = t.household_id and n.direction = t.direction and n.relation = t.relation
    group by t.household_id, t.direction, t.hold_id, t.outcome
)
select
    g.household_id,
    g.direction,
    g.hold_id,
    g.outcome,
    p.title,
    p.action,
    p.unknown,
    p.receiver,
    g.first_row.relation as relation,
    g.first_row.row_id as row_id,
    case when g.of_household or (g.n_witness > 0 and g.n_witness = g.n_resting) then 'all'
         when g.n_witness > 0 then 'some'
         else 'aside' end as bears
from gathered as g
join clue_pack_hold as p on p.hold_id = g.hold_id;
