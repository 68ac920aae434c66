-- One row per listed clue and part of it that the data says is rescued: a hold that the pack names says so for certain.
-- Reads clue, hold_row, clue_pack_relation, fact_involvement, involved_part, variable rescued_holds. Writes rescued_part.
create or replace temp table rescued_part as
select distinct
    c.clue_id,
    c.direction,
    p.part
from hold_row as h
join clue_pack_relation as n on n.word = h.relation and n.relation = 'involvement'
join clue as c on c.household_id = h.household_id and h.direction in (c.direction, '*')
join fact_involvement as f on f.row_id = h.row_id
join involved_part as p on p.household_id = f.household_id and p.party_id = f.party_id
where h.outcome = 1 and list_contains(getvariable('rescued_holds'), h.hold_id);
