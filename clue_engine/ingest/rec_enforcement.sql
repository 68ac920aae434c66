-- rec_enforcement: rows of the court that name no applicant, each once for everybody who sues in that case.
-- A court keeps its suits in one table and who sues whom in another one; the number of the suit is in both.
-- reads rec_enforcement, rec_victim; writes rec_enforcement. A row whose suit no table of parties knows stays as it is.
create or replace table rec_enforcement as
with suing as (
    select distinct unnest([case_no, unified_no]) as number, name, id, id_kind, id_partial
    from rec_victim
    where role in ('原告', '申请执行人', '被害人') and (name is not null or id is not null)
),

-- against whom, where it is one
sued as (
    select number, any_value(name) as name, any_value(id) as id
    from (select unnest([case_no, unified_no]) as number, name, id from rec_victim where role in ('嫌疑人', '被执行人'))
    where number is not null
    group by number
    having count(distinct name) = 1
),

found as (
    select e.file_id, e.row_no, e.part_no, s.* exclude (number),
        row_number() over (partition by e.file_id, e.row_no order by s.name, s.id) as nth,
        d.name as respondent_name, d.id as respondent_id
    from rec_enforcement as e
    inner join suing as s on s.number in (e.enforcement_no, e.origin_no)
    left join sued as d on s.number = d.number
    where e.applicant_name is null and e.applicant_id is null
)

select
    e.* replace (
        coalesce(f.nth, e.part_no)::integer as part_no,
        coalesce(e.applicant_name, f.name) as applicant_name,
        coalesce(e.applicant_id, f.id) as applicant_id,
        coalesce(e.applicant_id_kind, f.id_kind) as applicant_id_kind,
        coalesce(e.applicant_id_partial, f.id_partial) as applicant_id_partial,
        coalesce(e.respondent_name, f.respondent_name) as respondent_name,
        coalesce(e.respondent_id, f.respondent_id) as respondent_id
    )
from rec_enforcement as e
left join found as f using (file_id, row_no, part_no)
order by e.file_id, e.row_no, part_no;
