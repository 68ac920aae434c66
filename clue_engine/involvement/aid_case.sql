-- aid_case: one row per victim party of whom the registers of cases hold a case of aid: of its event, of the person, or
-- with his name in its title. reads case_row, victim_party, party, variables aid_category, aid_refused, aid_given;
-- writes aid_case. here: the row was decided in favour, is of him by name or number, and names the case of his event as the
-- one the aid is for. Of any other which case it was for, and whether it was paid, the row does not say: a question, no answer.
create or replace temp macro number_core(said) as regexp_replace(said, '[^0-9a-zA-Z一-鿿]', '', 'g');

create or replace temp table aid_case as
with asked as (
    select
        event_id, replace(case_name, '·', '') as title,
        coalesce(outcome = getvariable('aid_given'), false) as given,
        number_core(concat_ws(';', summary, note)) as told
    from case_row
    where
        category = getvariable('aid_category')
        and coalesce(not list_contains(getvariable('aid_refused'), outcome), true)
),

found as (
    select v.party_id, v.event_id, v.name_key, a.title, a.given, a.told, false as by_id
    from victim_party as v
    inner join asked as a using (event_id)
    union all
    select v.party_id, v.event_id, v.name_key, a.title, a.given, a.told, true
    from victim_party as v
    inner join party as p on v.id = p.id
    inner join asked as a on p.event_id = a.event_id
    union all
    select v.party_id, v.event_id, v.name_key, a.title, a.given, a.told, false
    from victim_party as v
    inner join asked as a on starts_with(a.title, v.name_key)
),

named as (
    select distinct event_id, number_core(case_no) as number
    from case_row
    where case_no is not null and category is distinct from getvariable('aid_category')
)

select f.party_id, coalesce(bool_or(f.given and (f.by_id or starts_with(f.title, f.name_key)) and contains(f.told, n.number)), false) as here
from found as f
left join named as n using (event_id)
group by f.party_id;
