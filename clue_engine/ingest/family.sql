-- Rows of rec_registry for the guardian, the father and the mother whom a list of children names beside a child.
-- reads rec_family, rec_registry; writes rec_registry: part + 100 father, + 200 mother, + 300 guardian (the household's head).
-- A parent who stands in a numbered register already has his home there and gets none here.
create or replace temp table named_parent as
select file_id, row_no, part_no, part_no + 100 as own_part, '男' as sex, father_name as name, father_id as id, father_id_kind as id_kind,
    father_id_partial as id_partial
from rec_family
union all
select file_id, row_no, part_no, part_no + 200, '女', mother_name, mother_id, mother_id_kind, mother_id_partial
from rec_family
union all
select r.file_id, r.row_no, r.part_no, r.part_no + 300, null, r.head_name, r.head_id, r.head_id_kind, r.head_id_partial
from rec_registry as r
semi join rec_family as f on r.file_id = f.file_id and r.row_no = f.row_no and r.part_no = f.part_no;

insert into rec_registry by name
select
    r.source_id,
    r.file_id,
    r.row_no,
    n.own_part as part_no,
    r.town,
    r.village,
    r.head_name,
    r.head_id,
    r.head_id_kind,
    r.head_id_partial,
    n.name,
    n.id,
    n.id_kind,
    n.id_partial,
    n.sex,
    case when n.own_part >= 300 then '户主' end as relation
from named_parent as n
inner join rec_registry as r on n.file_id = r.file_id and n.row_no = r.row_no and n.part_no = r.part_no
where
    n.name is not null
    and (n.own_part >= 300 or n.name is distinct from r.head_name)
    and (n.id is null or n.own_part >= 300 or n.id not in (
        select id from rec_registry where household_no is not null and id is not null
    ))
order by r.file_id, r.row_no, n.own_part;
drop table named_parent;
