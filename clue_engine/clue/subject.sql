-- One row per listed household and rule or hold: the row its sentence speaks of.
-- Reads clue_resting, clue_hold_case, clue_points, fact_involvement, clue_pack_relation. Writes clue_subject.
-- What a hold took away is told of the row that it took.
-- A certain row before a possible one, a case row before any other, then the earliest.
create or replace table clue_subject as
with spoken as (
    select household_id, rule_id as owner_id, relation, row_id, outcome
    from clue_resting
    union all
    select household_id, hold_id, coalesce(n.relation, h.relation), row_id, outcome
    from clue_hold_case as h
    left join clue_pack_relation as n on n.word = h.relation
    union all
    select p.household_id, p.rule_id, n.relation, h.row_id, 3
    from clue_points as p
    join clue_hold_case as h on h.household_id = p.household_id and h.direction = p.direction
    join clue_pack_relation as n on n.word = h.relation
    where p.kind = 'lost' and h.outcome = 1 and h.action in ('suppress', 'hold') and n.relation = 'involvement'
    union all
    -- a hold of the household took it: of its victim
    select p.household_id, p.rule_id, 'involvement', f.row_id, 4
    from clue_points as p
    join fact_involvement as f on f.household_id = p.household_id and list_contains(f.roles, '被害人')
    where p.kind = 'lost'
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
