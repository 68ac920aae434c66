-- One row per listed household, direction, rule and row that makes the rule true or possibly true.
-- Reads witness, clue_points, clue_status, clue_pack_relation. Writes clue_resting.
-- weighed: a certain clue is judged by the rows of its certain rules, not by those of its open ones.
create or replace table clue_resting as
select distinct
    p.household_id,
    p.direction,
    p.rule_id,
    p.kind,
    n.relation,
    w.row_id,
    w.outcome,
    s.status <> '线索' or p.kind = 'hit' as weighed
from (select distinct household_id, direction, rule_id, kind from clue_points) as p
join clue_status as s using (household_id, direction)
join witness as w on w.household_id = p.household_id and w.rule_id = p.rule_id
join clue_pack_relation as n on n.word = w.relation;
