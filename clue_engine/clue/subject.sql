-- One row per listed household and rule or hold: the row its sentence speaks of.
-- Reads clue_resting, clue_hold_case, clue_pack_relation. Writes clue_subject.
-- A certain row before a possible one, a case row before any other, then the earliest.
create or replace table clue_subject as
with spoken as (
    select household_id, rule_id as owner_id, relation, row_id, outcome
    from clue_resting
    union all
    select household_id, hold_id, coalesce(n.relation, h.relation), row_id, outcome
    from clue_hold_case as h
    left join clue_pack_relation as n on n.word = h.relation
),
first_row as (
    select
        household_id,
        owner_id,
        min(struct_pack(
            outcome := outcome,
            elsewhere := relation <> 'involvement',
            relation := relation,
            row_id := row_id
        )) as best
    from spoken
    group by household_id, owner_id
)
select household_id, owner_id, best.relation as relation, best.row_id as row_id
from first_row
order by household_id, owner_id;
