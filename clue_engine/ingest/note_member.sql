-- Rows of rec_registry for members whom only the note of the head's row names.
-- reads rec_registry, named_members (text of a note, nth person of it, name, id, relation); writes rec_registry: part + 400
-- and more, one row per person who has no row of his own anywhere in this file.
-- The head's own row then says whose household it is, as theirs do.
update rec_registry
set head_name = coalesce(head_name, name), head_id = coalesce(head_id, id), head_id_kind = coalesce(head_id_kind, id_kind)
where relation = '户主' and note in (select text from named_members);

insert into rec_registry by name
select
    r.source_id,
    r.file_id,
    r.row_no,
    r.part_no + 400 + n.nth as part_no,
    r.household_no,
    r.town,
    r.village,
    r.hamlet,
    coalesce(r.head_name, r.name) as head_name,
    coalesce(r.head_id, r.id) as head_id,
    coalesce(r.head_id_kind, r.id_kind) as head_id_kind,
    n.name,
    n.id,
    'ok' as id_kind,
    n.relation
from rec_registry as r
inner join named_members as n on r.note = n.text
where r.relation = '户主'
    and not exists (select 1 from rec_registry as o where o.file_id = r.file_id and o.id = n.id)
order by r.file_id, r.row_no, part_no;
