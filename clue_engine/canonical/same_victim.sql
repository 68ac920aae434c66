-- same_victim: row of a table without numbers of the procuratorate (police, hospital) -> the row of a case of the same event.
-- reads rec_victim, rec_case; writes same_victim (temporary). Variables: event_by_victim (sources that say so),
-- alike_charges (causes that may be said of one event: the crime and the civil tort), max_days.
-- The victim is the same by number, the charge is alike, and the case happened on that day or, where it says no day, was
-- accepted within max_days of it. Of several cases the first one accepted afterwards.
create or replace temp macro cause_of(charges) as regexp_replace(charges, '[,,;；(（].*$|罪$', '', 'g');

create or replace temp table victim_case as
with told as (select id from rec_victim where list_contains(getvariable('event_by_victim')::varchar[], source_id))

select
    v.source_id, v.file_id, v.row_no, v.part_no, v.id, v.case_no, v.unified_no, c.accepted_on_lo, c.accepted_on_hi,
    c.happened_on_lo, c.happened_on_hi, cause_of(coalesce(c.charges, c.charges_moved, c.charges_judged)) as cause
from rec_victim as v
inner join rec_case as c on v.file_id = c.file_id and v.row_no = c.row_no
where v.id in (select id from told)
union all
select
    v.source_id, v.file_id, v.row_no, v.part_no, v.id, v.case_no, v.unified_no, c.accepted_on_lo, c.accepted_on_hi,
    c.happened_on_lo, c.happened_on_hi, cause_of(coalesce(c.charges, c.charges_moved, c.charges_judged))
from rec_victim as v
inner join (
    select case_no as no, * from rec_case
    union all
    select unified_no, * from rec_case where unified_no is not null
) as c on coalesce(v.case_no, v.unified_no) = c.no
where v.id in (select id from told) and v.file_id <> c.file_id;

create or replace temp table same_victim as
select a.file_id, a.row_no, a.part_no, o.file_id as other_file_id, o.row_no as other_row_no, o.part_no as other_part_no
from victim_case as a
inner join victim_case as o on a.id = o.id and a.file_id <> o.file_id
where
    list_contains(getvariable('event_by_victim')::varchar[], a.source_id)
    and a.happened_on_lo is not null
    and (
        a.cause = o.cause
        or (list_contains(getvariable('alike_charges')::varchar[], a.cause || '罪')
            and list_contains(getvariable('alike_charges')::varchar[], o.cause || '罪'))
    )
    and case
        when o.happened_on_lo is not null then o.happened_on_lo <= a.happened_on_hi and o.happened_on_hi >= a.happened_on_lo
        else o.accepted_on_hi >= a.happened_on_lo and o.accepted_on_lo <= a.happened_on_hi + getvariable('max_days')::integer
    end
qualify row_number() over (
    partition by a.file_id, a.row_no, a.part_no
    order by o.accepted_on_lo nulls last, o.file_id, o.row_no, o.part_no
) = 1;
drop table victim_case;
