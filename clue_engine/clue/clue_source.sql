-- One row per clue and row of an input file behind it.
-- Reads clue, clue_resting, clue_hold, fact_source, input_file, clue_pack_relation. Writes clue_source.
-- of_case: the row stands behind a case fact only; a list that says nothing of the case leaves it out.
create or replace table clue_source as
with behind as (
    select c.clue_id, r.relation, r.row_id
    from clue as c
    join clue_resting as r using (household_id, direction)
    union
    select h.clue_id, h.relation, h.row_id
    from clue_hold as h
    where h.bears <> 'aside' or h.action in ('suppress', 'hold')
    union
    select clue_id, 'household', household_id
    from clue
),
found as (
    select b.clue_id, s.file_id, s.row_no, bool_and(b.relation = 'involvement') as of_case
    from behind as b
    join clue_pack_relation as n on n.relation = b.relation
    join fact_source as s on s.relation = n.word and s.row_id = b.row_id
    group by b.clue_id, s.file_id, s.row_no
)
select
    d.clue_id,
    d.file_id,
    d.row_no,
    d.of_case,
    f.name || case when f.sheet is null or f.sheet = '' then '' else '〔' || f.sheet || '〕' end as file,
    f.name || case when f.sheet is null or f.sheet = '' then '' else '〔' || f.sheet || '〕' end
        || '第' || d.row_no || '行' as text
from found as d
join input_file as f on f.file_id = d.file_id
order by d.clue_id, d.file_id, d.row_no;
