-- One row per household and person who is in one of its cases on the other side only: a suspect who is no victim.
-- Reads fact_involvement, person. Writes export_accused.
create or replace temp table export_accused as
select f.household_id, f.person_id, any_value(p.phone) as phone
from fact_involvement as f
join person as p on p.person_id = f.person_id
group by f.household_id, f.person_id
having bool_or(list_contains(f.roles, '嫌疑人')) and not bool_or(coalesce(list_contains(f.roles, '被害人'), false))
order by f.household_id, f.person_id;
