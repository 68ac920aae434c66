-- One row per clue and case row that it is told by: seq 1 is the case that its row in the lists shows, and whose person.
-- Reads clue, clue_rule, clue_resting, clue_hold, fact_involvement. Writes clue_case.
-- A row of the weightiest rule first; a held clue is told by the rows that the hold took out.
create or replace table clue_case as
with told as (
    select c.clue_id, r.seq, s.outcome, s.row_id
    from clue as c
    join clue_resting as s using (household_id, direction)
    join clue_rule as r on r.clue_id = c.clue_id and r.rule_id = s.rule_id
    where s.relation = 'involvement' and (s.weighed or c.status <> '线索')
    union all
    select h.clue_id, 999, h.outcome, h.row_id
    from clue_hold as h
    join clue as c on c.clue_id = h.clue_id and c.status = '搁置'
    where h.relation = 'involvement'
),
first_told as (
    select t.clue_id, t.row_id, min(struct_pack(seq := t.seq, outcome := t.outcome)) as best
    from told as t
    join fact_involvement as f on f.row_id = t.row_id
    group by t.clue_id, t.row_id
)
select
    clue_id,
    row_id,
    row_number() over (partition by clue_id order by best, row_id)::integer as seq
from first_told
order by clue_id, seq;
