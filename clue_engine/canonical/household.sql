-- register_household: one row per household of the registers; register_member: one row per household and person.
-- reads registry_row, register_person; writes register_household, register_member, member_source.
-- Facts that are repeated on each member's row fold by policy: the newest snapshot first, then the first row that says
-- something; 风险是否已消除 must agree, otherwise it is unknown and an issue.
create or replace temp table household_row as
select
    r.*,
    p.person_id,
    dense_rank() over (order by r.household_key) as household_id,
    -- only older snapshots know this household: it was struck since
    not bool_or(r.is_newest) over (partition by r.household_key) as is_gone
from registry_row as r
inner join register_person as p using (person_key)
where true
qualify r.is_newest or is_gone;

create or replace table register_household as
select
    household_id,
    any_value(household_key) as household_key,
    max(household_no) as household_no,
    first(county order by newest) filter (county is not null) as county,
    first(town order by newest) filter (town is not null) as town,
    first(village order by newest) filter (village is not null) as village,
    first(hamlet order by newest) filter (hamlet is not null) as hamlet,
    first(coalesce(case when relation = '户主' then name end, head_name) order by newest)
        filter (relation = '户主' or head_name is not null) as head_name,
    first(person_id order by newest) filter (relation = '户主') as head_person_id,
    max(snapshot_date) as snapshot_date,
    case when max(household_no) is null then 'list' else 'registry' end as origin,
    bool_or(is_gone) as is_gone,
    list_distinct(list(source_id)) as source_ids,
    -- facts of the household, repeated on each row
    first(household_type order by newest) filter (household_type is not null) as household_type,
    first(monitoring_kind order by newest) filter (monitoring_kind is not null) as monitoring_kind,
    case when count(distinct risk_removed) = 1 then bool_or(risk_removed) end as risk_removed,
    count(distinct risk_removed) > 1 as risk_removed_conflict,
    first(identified_on_lo order by newest) filter (identified_on_lo is not null) as identified_on_lo,
    first(identified_on_hi order by newest) filter (identified_on_hi is not null) as identified_on_hi,
    first(removed_on_lo order by newest) filter (removed_on_lo is not null) as removed_on_lo,
    first(removed_on_hi order by newest) filter (removed_on_hi is not null) as removed_on_hi,
    first(risks order by newest) filter (len(risks) > 0) as risks,
    first(income order by newest) filter (income is not null) as income,
    first(income_pc order by newest) filter (income_pc is not null) as income_pc,
    first(reference_income_pc order by newest) filter (reference_income_pc is not null) as reference_income_pc,
    first(own_payment order by newest) filter (own_payment is not null) as own_payment,
    first(claims order by newest) filter (claims is not null) as claims,
    first(bottom_line order by newest) filter (bottom_line is not null) as bottom_line,
    first(development_measures order by newest) filter (development_measures is not null) as development_measures,
    first(measure_education order by newest) filter (measure_education is not null) as measure_education,
    first(measure_society order by newest) filter (measure_society is not null) as measure_society,
    string_agg(distinct measure_security, ',' order by measure_security) as measure_security,
    first(unsafe_house order by newest) filter (unsafe_house is not null) as unsafe_house,
    string_agg(distinct note, ';' order by note) as notes,
    max(household_size) as size,
    bool_or(dibao is not null and dibao <> '未享受') filter (dibao is not null) as dibao,
    bool_or(tekun is not null and tekun <> '不享受') filter (tekun is not null) as tekun
from (select *, (coalesce(-epoch(snapshot_date), 0), file_id, row_no, part_no) as newest from household_row)
group by household_id
order by household_id;

create or replace table register_member as
select
    household_id,
    person_id,
    first(relation order by newest) filter (relation is not null) as relation,
    first(labour order by newest) filter (labour is not null) as labour,
    first(health order by newest) filter (len(health) > 0) as health,
    first(school order by newest) filter (school is not null) as school,
    first(dropout order by newest) filter (dropout is not null) as dropout,
    first(working order by newest) filter (working is not null) as working,
    first(wage order by newest) filter (wage is not null) as wage,
    first(dibao order by newest) filter (dibao is not null) as dibao,
    first(tekun order by newest) filter (tekun is not null) as tekun,
    first(id_cert_level order by newest) filter (id_cert_level is not null) as cert_level,
    first(id_cert_kind order by newest) filter (id_cert_kind is not null) as cert_kind,
    first(note order by newest) filter (note is not null) as note
from (select *, (coalesce(-epoch(snapshot_date), 0), file_id, row_no, part_no) as newest from household_row)
group by household_id, person_id
order by household_id, person_id;

create or replace table member_source as
select distinct household_id, person_id, file_id, row_no
from household_row
order by all;

insert into issue
select
    'RISK_REMOVED_CONFLICT' as code, 'warning' as level, min(r.file_id) as file_id, min(r.row_no) as row_no,
    'risk_removed' as column_name, '同一户各行的“风险是否已消除”不一致,按不明处理' as detail
from household_row as r
inner join register_household as h using (household_id)
where h.risk_removed_conflict
group by household_id
order by file_id, row_no;
drop table household_row;
