-- One row per household whose clues stand by their number only, in every direction and status.
-- careful: of a case whose victim must not be put in danger by a visit: a careful hold surely holds a row of it.
-- Reads hold_row, clue_pack_hold, clue_pack_relation, clue_shortlist, clue_resting, fact_involvement, fact_member,
-- fact_source. Writes clue_protected.
-- Restricted follows the event. Source: a household with a row that a restricting hold surely holds, listed or not, or
-- with a listed clue that its own rules or doubts about a person restrict (not the open question of a restricting rule:
-- that line alone stands by its number). Protected: the sources; every household with a row in a case
-- that a source is in (co-victim, relative, suspect); every household that is told from a file row behind a source.
-- One step: what else those others are in protects nobody further, or a county of chained cases would end up without a list.
create or replace table clue_protected as
with source as (
    select h.household_id
    from hold_row as h
    join clue_pack_hold as p on p.hold_id = h.hold_id
    where p.action = 'restrict' and h.outcome = 1
    union
    select household_id
    from clue_shortlist
    where spreads and status <> '折叠'  -- folded: by its number, so that it tells of nobody
),
in_case as (
    select distinct household_id, event_id
    from fact_involvement
    where event_id is not null
),
secret as (
    select distinct c.event_id
    from in_case as c
    semi join source as s on s.household_id = c.household_id
),
told as (
    select household_id, relation, row_id
    from clue_resting
    union
    select household_id, 'household', household_id
    from clue_shortlist
    union
    select household_id, 'involvement', row_id
    from fact_involvement
    union
    select household_id, 'household', household_id
    from source
    union
    select m.household_id, 'member', m.row_id
    from fact_member as m
    semi join source as s on s.household_id = m.household_id
),
behind as (
    select distinct t.household_id, f.file_id, f.row_no
    from told as t
    join clue_pack_relation as n on n.relation = t.relation
    join fact_source as f on f.relation = n.word and f.row_id = t.row_id
),
secret_row as (
    select distinct b.file_id, b.row_no
    from behind as b
    semi join source as s on s.household_id = b.household_id
),
feared as (
    select distinct h.household_id, f.event_id
    from hold_row as h
    join clue_pack_hold as p on p.hold_id = h.hold_id
    join clue_pack_relation as n on n.word = h.relation
    left join fact_involvement as f on n.relation = 'involvement' and f.row_id = h.row_id
    where p.careful and h.outcome = 1
),
careful as (
    select household_id
    from feared
    union
    select c.household_id
    from in_case as c
    semi join feared as f on f.event_id = c.event_id
),
protected as (
    select household_id from source
    union
    select c.household_id
    from in_case as c
    semi join secret as e on e.event_id = c.event_id
    union
    select b.household_id
    from behind as b
    semi join secret_row as r on r.file_id = b.file_id and r.row_no = b.row_no
)
select p.household_id, c.household_id is not null as careful
from protected as p
left join careful as c on c.household_id = p.household_id
order by p.household_id;
