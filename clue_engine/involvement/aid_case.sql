-- aid_case: one row per victim party of whom the registers of cases hold a case of aid: of its event, of the person, or
-- with his name in its title. reads case_row, victim_party, party, variables aid_category, aid_refused;
-- writes aid_case. Which case the aid was for, and whether it was paid, the row does not say: a question, no answer.
create or replace temp table aid_case as
with asked as (
    select distinct event_id, replace(case_name, '·', '') as title
    from case_row
    where
        category = getvariable('aid_category')
        and coalesce(not list_contains(getvariable('aid_refused'), outcome), true)
)

select v.party_id
from victim_party as v
inner join asked as a using (event_id)
union
select v.party_id
from victim_party as v
inner join party as p on v.id = p.id
inner join asked as a on p.event_id = a.event_id
union
select v.party_id
from victim_party as v
inner join asked as a on starts_with(a.title, v.name_key);
