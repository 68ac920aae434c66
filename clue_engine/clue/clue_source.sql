-- One row per clue and row of an input file behind it.
-- Reads clue, clue_resting, clue_hold, fact_source, input_file, clue_pack_relation. Writes clue_source.
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
)
select distinct
    b.clue_id,
    s.file_id,
    s.row_no,
    f.name || case when f.sheet is null or f.sheet = '' then '' else '〔' || f.sheet || '〕' end as file,
    f.name || case when f.sheet is null or f.sheet = '' then '' else '〔' || f.sheet || '〕' end
        || '第' || s.row_no || '行' as text
from behind as b
join clue_pack_relation as n on n.relation = b.relation
join fact_source as s on s.relation = n.word and s.row_id = b.row_id
join input_file as f on f.file_id = s.file_id
order by b.clue_id, s.file_id, s.row_no;
