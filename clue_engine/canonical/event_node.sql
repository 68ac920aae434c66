-- event_node: every key by which case rows of one event hang together, row by row. reads rec_case, rec_victim, same_victim;
-- writes event_row (one row per case or victim row), together (rows of one case in a list without numbers) and event_node
-- (row, key).
-- Arrest and prosecution rows of one event carry different 部门受案号 and join by 统一受案号 or the suspect's number; where all
-- of these are missing, the same suspect with the same charge within max_days is the same event. Case and victim that stand
-- in one row of a ledger are of one event, numbered or not.
create or replace temp table event_row as
select
    row_number() over (order by kind, file_id, row_no, part_no) as label,
    *
from (
    select 'case' as kind, file_id, row_no, part_no, case_no, unified_no, suspect_no,
        coalesce(suspect_id, suspect_name || '|' || birth_lo::varchar) as suspect,
        regexp_replace(coalesce(charges, charges_moved, charges_judged), '[,,].*$|罪$', '', 'g') as charge,
        accepted_on_lo
    from rec_case
    union all
    select 'victim', file_id, row_no, part_no, case_no, unified_no, null, null, null, null
    from rec_victim
);

-- A list of the parties of cases without numbers: rows one below the other, of one day and one charge, are of one case.
create or replace temp table together as
with unnumbered as (
    select file_id
    from event_row
    where file_id in (select file_id from rec_victim group by file_id having count(distinct role) > 1)
    group by file_id
    having count(case_no) + count(unified_no) + count(suspect_no) = 0
),

dated as (
    select
        v.file_id,
        v.row_no,
        row_number() over (partition by v.file_id order by v.row_no) as nth,
        any_value(c.happened_on_lo) as day,
        any_value(coalesce(c.charges, c.charges_moved)) as charge
    from rec_victim as v
    inner join rec_case as c using (file_id, row_no)
    where v.file_id in (select file_id from unnumbered) and c.happened_on_lo = c.happened_on_hi
    group by v.file_id, v.row_no
)

select file_id, row_no, min(row_no) over (partition by file_id, day, charge, nth - like_nth) as first_row
from (
    select *, row_number() over (partition by file_id, day, charge order by row_no) as like_nth
    from dated
)
where day is not null;

create or replace temp table event_node as
select label, 'C:' || case_no as node from event_row where case_no is not null
union all
select label, 'U:' || unified_no from event_row where unified_no is not null
union all
select label, 'S:' || suspect_no from event_row where suspect_no is not null
union all
select r.label, 'G:' || t.file_id || '-' || t.first_row
from together as t
inner join event_row as r using (file_id, row_no)
union all
select label, 'F:' || file_id || '-' || row_no
from event_row
where file_id in (select file_id from rec_case intersect select file_id from rec_victim)
union all
select r.label, 'V:' || s.file_id || '-' || s.row_no || '-' || s.part_no
from same_victim as s
inner join event_row as r
    on r.kind = 'victim'
    and (r.file_id, r.row_no, r.part_no) in ((s.file_id, s.row_no, s.part_no), (s.other_file_id, s.other_row_no, s.other_part_no))
union all
select a.label, 'P:' || a.label || '-' || b.label
from event_row as a
inner join event_row as b
    on a.suspect = b.suspect and a.charge = b.charge and a.label <> b.label
    and abs(date_diff('day', a.accepted_on_lo, b.accepted_on_lo)) <= getvariable('max_days')
where (a.unified_no is null or b.unified_no is null) and a.suspect_no is null and b.suspect_no is null
    and a.label < b.label
union all
select b.label, 'P:' || a.label || '-' || b.label
from event_row as a
inner join event_row as b
    on a.suspect = b.suspect and a.charge = b.charge and a.label <> b.label
    and abs(date_diff('day', a.accepted_on_lo, b.accepted_on_lo)) <= getvariable('max_days')
where (a.unified_no is null or b.unified_no is null) and a.suspect_no is null and b.suspect_no is null
    and a.label < b.label;
