-- One row per clue and hold that bears on it.
-- Reads clue, clue_hold_case, clue_reason. Writes clue_hold.
-- outcome 1: the hold applies, 2: undecided. bears: all, some or none (aside) of the rows the clue rests on.
create or replace table clue_hold as
select
    c.clue_id,
    h.hold_id,
    h.outcome,
    h.title,
    h.action,
    h.bears,
    h.relation,
    h.row_id,
    coalesce(t.reason, h.title) as text
from clue_hold_case as h
join clue as c using (household_id, direction)
left join clue_reason as t on t.household_id = h.household_id and t.owner_id = h.hold_id
order by c.direction_seq, c.rank, h.hold_id, h.outcome;
