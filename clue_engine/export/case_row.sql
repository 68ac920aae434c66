-- One row per clue with a case: the case row it is told by, and how many cases it rests on.
-- Reads clue, clue_rule, clue_resting, clue_hold, fact_involvement. Writes export_case.
-- A row of the weightiest rule first; a held clue is told by the rows that the hold took out.
create or replace temp table export_case as
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
)
select
    t.clue_id,
    arg_min(t.row_id, struct_pack(seq := t.seq, outcome := t.outcome, row_id := t.row_id)) as row_id,
    count(distinct f.event_id)::integer as n_cases
from told as t
join fact_involvement as f on f.row_id = t.row_id
group by t.clue_id
order by t.clue_id;
