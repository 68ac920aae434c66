-- legal_event: one row per event (arrest, prosecution, appeal rows collapse). reads event_row, event_label, rec_case,
-- court_party, variables charge_ending, civil_ending, crime_charges;
-- writes legal_event, event_of_row (record row -> event), event_case (case number -> event), case_row (rec_case with event).
create or replace temp table keyed as
with placed as (
    select r.kind, r.file_id, r.row_no, r.part_no, r.case_no, r.unified_no, l.root
    from event_row as r
    inner join event_label as l using (label)
    union all by name
    select 'court' as kind, file_id, row_no, part_no, case_no, root
    from court_party
    where nth = 0
)

select
    *,
    min(coalesce('U' || unified_no, 'C' || case_no, 'R' || lpad(root::varchar, 9, '0'))) over (partition by root) as event_key
from placed;

create or replace table event_of_row as
select
    dense_rank() over (order by event_key) as event_id,
    event_key,
    kind,
    file_id,
    row_no,
    part_no
from keyed
order by event_id, kind, file_id, row_no, part_no;

create or replace table event_case as
select distinct e.event_id, k.case_no, k.unified_no
from keyed as k
inner join event_of_row as e using (kind, file_id, row_no, part_no)
order by all;

-- 案由: what the later stage settled on comes first. Charges are joined by a half-width comma and never split on 、,
-- which stands inside names of charges.
create or replace table case_row as
select
    e.event_id,
    c.* exclude (kind),
    string_split(coalesce(c.charges, c.charges_moved, c.charges_judged), ',') as charge_list,
    case c.category when '审查逮捕' then 1 when '审查起诉' then 3 else 2 end as stage_rank
from (
    select * from rec_case
    union all by name
    -- a row of the court that makes an event of its own
    select source_id, file_id, row_no, part_no, case_no, charges, 'court' as kind
    from court_party
    where nth = 0 and is_new
) as c
inner join event_of_row as e
    on e.kind = coalesce(c.kind, 'case') and c.file_id = e.file_id and c.row_no = e.row_no and c.part_no = e.part_no
order by e.event_id, c.file_id, c.row_no;

-- 故意伤害 is 故意伤害罪; a civil cause is no crime: 赡养费纠纷
create or replace temp macro charge_core(said) as regexp_replace(trim(said), '[(（][^()（）]*[)）]|(?:罪|案件|案)$', '', 'g');
create or replace temp macro charge_name(said) as charge_core(said)
    || case when regexp_matches(charge_core(said), getvariable('civil_ending')) then '' else getvariable('charge_ending') end;
-- 某甲故意杀人, 某乙被害案（故意伤害）: what is told of a case names its crime; the name of a crime is never made another
create or replace temp macro charge_told(said) as case
    when regexp_matches(said, '[某案被,，]|[(（].*[)）]') and not regexp_matches(charge_core(said), getvariable('civil_ending'))
        and not list_contains(getvariable('crime_charges')::varchar[], charge_name(said))
        then list_filter(getvariable('crime_charges')::varchar[], lambda c: contains(said, regexp_replace(c, '罪$', '')))[1]
end;

create or replace temp table charge as
with settled as (
    select *
    from case_row
    where charge_list is not null
    qualify stage_rank = max(stage_rank) over (partition by event_id)
),

said as (
    select
        event_id,
        list_transform(
            flatten(list(charge_list order by file_id, row_no)),
            lambda x: coalesce(charge_told(x), charge_name(x))
        ) as causes
    from settled
    group by event_id
)

-- each charge once, in the order in which it was first named
select event_id, list_filter(causes, lambda x, i: list_position(causes, x) = i) as causes
from said;

create or replace table legal_event as
with fold as (
    select
        event_id,
        min(unified_no) as unified_no,
        min(accepted_on_lo) as accepted_lo,
        arg_min(accepted_on_hi, accepted_on_lo) as accepted_hi,
        min(happened_on_lo) as happened_lo,
        arg_min(happened_on_hi, happened_on_lo) as happened_hi,
        max(closed_on_lo) as closed_lo,
        max(closed_on_hi) as closed_hi,
        first(organ order by -stage_rank, file_id, row_no) filter (organ is not null) as organ,
        first(department order by -stage_rank, file_id, row_no) filter (department is not null) as department,
        first(prosecutor order by -stage_rank, file_id, row_no) filter (prosecutor is not null) as prosecutor,
        first(stage order by -stage_rank, file_id, row_no) filter (stage is not null) as stage,
        first(category order by -stage_rank, file_id, row_no) filter (category is not null) as category,
        first(casualties order by -stage_rank, file_id, row_no) filter (casualties is not null) as casualties,
        max(loss) as loss,
        max(recovered) as recovered,
        max(refunded) as refunded,
        bool_or(telecom) as telecom,
        string_agg(distinct domestic_violence, ';' order by domestic_violence) as domestic_violence,
        string_agg(distinct at_large, ';' order by at_large) as at_large,
        string_agg(distinct special, ';' order by special) as special,
        first(summary order by -stage_rank, file_id, row_no) filter (summary is not null) as summary,
        string_agg(distinct words, ';' order by words) as all_text,
        string_agg(distinct note, ';' order by note) as note
    from (select *, concat_ws(';', summary, note, case_name, special) as words from case_row)
    group by event_id
),

numbers as (
    select event_id, any_value(event_key) as event_key from event_of_row group by event_id
),

first_case as (
    select event_id, min(case_no) as case_no from event_case group by event_id
)

select
    n.event_id,
    n.event_key,
    f.unified_no,
    coalesce(
        (select first(c.case_no order by c.stage_rank desc, c.case_no) from case_row as c
         where c.event_id = n.event_id and c.case_no is not null),
        k.case_no
    ) as case_no,
    h.causes,
    f.* exclude (event_id, unified_no)
from numbers as n
left join fold as f using (event_id)
left join charge as h using (event_id)
left join first_case as k using (event_id)
order by n.event_id;
drop table keyed;
drop table charge;
