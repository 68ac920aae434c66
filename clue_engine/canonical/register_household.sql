-- register_household: one row per household of the registers; register_member: one row per household and person.
-- reads registry_row, household_number, file_order, rec_registry; writes register_household, register_member, member_source, issue.
-- Facts that are repeated on each member's row fold by policy: the newest snapshot first, then the first row that says
-- something; 风险是否已消除 must agree, otherwise it is unknown and an issue.
create or replace temp view household_row as
select k.household_id, k.is_gone, k.person_id, k.n_said, k.newest, f.snapshot_date, r.*
from registry_row as k
inner join rec_registry as r on k.record = r.rowid
inner join file_order as f on r.file_id = f.file_id
where k.is_newest or k.is_gone;

create or replace table register_household as
select
    h.household_id,
    any_value(n.household_key) as household_key,
    max(household_no) as household_no,
    arg_min(county, newest) as county,
    arg_min(town, newest) as town,
    arg_min(village, newest) as village,
    arg_min(hamlet, newest) as hamlet,
    arg_min(coalesce(case when relation = '户主' then name end, head_name), newest) as head_name,
    arg_min(person_id, newest) filter (relation = '户主') as head_person_id,
    max(snapshot_date) as snapshot_date,
    case when max(household_no) is null then 'list' else 'registry' end as origin,
    any_value(n.is_gone) as is_gone,
    list_sort(list_distinct(list(source_id))) as source_ids,
    -- facts of the household, repeated on each row
    arg_min(household_type, newest) as household_type,
    arg_min(monitoring_kind, newest) as monitoring_kind,
    case when count(distinct risk_removed) = 1 then bool_or(risk_removed) end as risk_removed,
    count(distinct risk_removed) > 1 as risk_removed_conflict,
    arg_min(identified_on_lo, newest) as identified_on_lo,
    arg_min(identified_on_hi, newest) as identified_on_hi,
    arg_min(removed_on_lo, newest) as removed_on_lo,
    arg_min(removed_on_hi, newest) as removed_on_hi,
    arg_min(risks, newest) filter (len(risks) > 0) as risks,
    arg_min(income, newest) as income,
    arg_min(income_pc, newest) as income_pc,
    arg_min(total_income, newest) as total_income,
    arg_min(total_income_pc, newest) as total_income_pc,
    arg_min(reference_income_pc, newest) as reference_income_pc,
    arg_min(own_payment, newest) as own_payment,
    arg_min(claims, newest) as claims,
    arg_min(bottom_line, newest) as bottom_line,
    arg_min(development_measures, newest) as development_measures,
    arg_min(measure_industry, newest) as measure_industry,
    arg_min(measure_job, newest) as measure_job,
    arg_min(measure_finance, newest) as measure_finance,
    arg_min(measure_post, newest) as measure_post,
    arg_min(measure_health, newest) as measure_health,
    arg_min(measure_education, newest) as measure_education,
    arg_min(measure_society, newest) as measure_society,
    string_agg(distinct measure_security, ',' order by measure_security) as measure_security,
    arg_min(unsafe_house, newest) as unsafe_house,
    string_agg(distinct note, ';' order by note) as notes,
    max(household_size) as size,
    bool_or(dibao is not null and dibao <> '未享受') filter (dibao is not null) as dibao,
    bool_or(tekun is not null and tekun <> '不享受') filter (tekun is not null) as tekun
from household_row as h
inner join household_number as n on h.household_id = n.household_id
group by h.household_id
order by h.household_id;

create or replace table register_member as
-- who is named once has nothing to fold
select
    household_id, person_id, relation, labour, case when len(health) > 0 then health end as health, school, dropout, working, wage,
    dibao, tekun, id_cert_level as cert_level, id_cert_kind as cert_kind, note
from household_row
where n_said = 1
union all by name
select
    household_id,
    person_id,
    arg_min(relation, newest) as relation,
    arg_min(labour, newest) as labour,
    arg_min(health, newest) filter (len(health) > 0) as health,
    arg_min(school, newest) as school,
    arg_min(dropout, newest) as dropout,
    arg_min(working, newest) as working,
    arg_min(wage, newest) as wage,
    arg_min(dibao, newest) as dibao,
    arg_min(tekun, newest) as tekun,
    arg_min(id_cert_level, newest) as cert_level,
    arg_min(id_cert_kind, newest) as cert_kind,
    arg_min(note, newest) as note
from household_row
where n_said > 1
group by household_id, person_id
order by household_id, person_id;

create or replace table member_source as
select distinct household_id, person_id, file_id, row_no
from registry_row
where is_newest or is_gone
order by all;

insert into issue
select
    'RISK_REMOVED_CONFLICT' as code, 'warning' as level, min(r.file_id) as file_id, min(r.row_no) as row_no,
    'risk_removed' as column_name, '同一户各行的“风险是否已消除”不一致，按不明处理' as detail
from household_row as r
inner join register_household as h using (household_id)
where h.risk_removed_conflict
group by household_id
order by file_id, row_no;

-- A file without a day speaks after all that have one: that it says something else must not pass without a word.
delete from issue where code = 'FILE_UNDATED';
insert into issue
select
    'FILE_UNDATED', 'warning', u.file_id, null::bigint, null,
    '没有数据日期，与有日期的表说法不同的地方都按有日期的表：' || count(distinct u.household_id) || ' 户'
from household_row as u
inner join household_row as d on u.household_id = d.household_id and u.file_id <> d.file_id
where
    u.snapshot_date is null and d.snapshot_date is not null
    and (
        u.income_pc <> d.income_pc or u.household_type <> d.household_type or u.monitoring_kind <> d.monitoring_kind
        or u.risk_removed <> d.risk_removed or (u.person_id = d.person_id and u.labour <> d.labour)
    )
group by u.file_id
order by u.file_id;
drop view household_row;
drop table household_number;
