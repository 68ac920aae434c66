-- One row per clue and earlier number that one of its keys belongs to, with the best of these keys.
-- Reads clue_key, number_key, number_given, household. Writes clue_claim.
-- A dead victim's households are told apart by the relatives: his key found through them finds only what stood in his own
-- name. Two who have the name in one case and have ids are who their ids (or birth dates) say.
create or replace table clue_claim as
select
    c.household_id,
    c.direction,
    h.household_key,
    o.clue_id,
    g.seq as number_seq,
    min(struct_pack(
        through := c.through or o.through,
        shared := c.shared,
        since := o.since,
        place := o.place,
        level := c.level
    )) as best
from (select *, count(*) over (partition by key) > 1 as shared from clue_key) as c
join number_key as o on o.key = c.key
join number_given as g on g.clue_id = o.clue_id
join household as h on h.household_id = c.household_id
where not (c.through and o.through)
    and not (c.level = 3 and c.known and o.known)
group by c.household_id, c.direction, h.household_key, o.clue_id, g.seq;
