-- Households after linking. reads register_person, register_household, register_member, party, victim_row, legal_event, tier, link_choice,
-- kin_of, kin_link, form_victim, party_review, kin_review; writes unlisted_person, unlisted_member (whom
-- no register has), person, member (views: the registers and those), household, link_party,
-- household_party (which party stands in which household, how, and whether certainly), review_item.
-- A victim (or who sues or petitions) whom no list knows becomes a household of one (未登记); relatives named beside him join it.
create or replace temp table victim as
select p.*, e.event_key
from party as p
inner join legal_event as e using (event_id)
where (list_contains(p.roles, '被害人') or p.claims) and coalesce(p.party_kind, '自然人') = '自然人';

create or replace temp table homeless as
select v.*, c.person_id as register_person_id
from victim as v
left join link_choice as c on v.party_id = c.party_id and c.state = 'linked'
left join (select distinct person_id from register_member) as m on c.person_id = m.person_id
where m.person_id is null
    and v.party_id not in (select party_id from kin_link)
    and v.party_id not in (select party_id from link_choice where state in ('conflict', 'undecided'));

-- one person in two events is one household: the same usable id, else event and name
create or replace temp table new_home as
select
    h.party_id,
    h.register_person_id,
    coalesce('R:' || h.register_person_id, 'I:' || h.id, 'E:' || h.event_key || '|' || coalesce(h.name_key, h.party_id::varchar))
        as person_key,
    h.event_key
from homeless as h;

create or replace temp table new_kin as
select k.party_id as victim_party_id, k.kin_party_id as party_id, k.relation,
    coalesce('R:' || c.person_id, 'I:' || p.id, 'E:' || e.event_key || '|' || coalesce(p.name_key, p.party_id::varchar)) as person_key,
    c.person_id as register_person_id
from kin_of as k
inner join new_home as h on k.party_id = h.party_id
inner join party as p on k.kin_party_id = p.party_id
inner join legal_event as e on p.event_id = e.event_id
left join link_choice as c on k.kin_party_id = c.party_id and c.state = 'linked'
left join (select distinct person_id from register_member) as m on c.person_id = m.person_id
where m.person_id is null
    and k.kin_party_id not in (select party_id from new_home)
    and k.kin_party_id not in (select party_id from link_choice where state in ('conflict', 'undecided'));

-- a victim reached through a relative is in no list: with an id of his own, or a name that no member has, he is a person
-- beside the household's members
create or replace temp table kin_person as
select v.party_id, coalesce(f.person_key, 'I:' || v.id, 'E:' || v.event_key || '|' || v.name_key) as person_key
from victim as v
left join form_victim as f on v.party_id in (f.party_id, f.told_party_id)
where v.party_id in (select party_id from kin_link)
    and case
        when f.party_id is not null then true
        when v.id is not null then v.id not in (select id from register_person where id is not null)
        -- of whom a form of a household tells: it names the members too
        else v.party_id in (select party_id from victim_row where list_contains(getvariable('prose_sources'), source_id))
            and length(v.name_key) between 2 and 4 and not contains(v.name_key, '某') and not exists (
            select 1 from kin_link as k
            inner join register_member as m using (household_id)
            inner join register_person as q on m.person_id = q.person_id
            where k.party_id = v.party_id and q.name_key = v.name_key
        )
    end;

create or replace temp table new_person as
select person_key, any_value(register_person_id) as register_person_id, min(party_id) as party_id
from (
    select person_key, register_person_id, party_id from new_home
    union all
    select person_key, register_person_id, party_id from new_kin
    union all
    select person_key, null, party_id from kin_person
)
group by person_key;

create or replace temp table new_person_id as
select
    person_key,
    party_id,
    coalesce(
        register_person_id,
        (select coalesce(max(person_id), 0) from register_person) + row_number() over (
            partition by register_person_id is null order by person_key
        )
    ) as person_id,
    register_person_id is null as is_new
from new_person;

create or replace table unlisted_person as
select
    n.person_id, 'P:' || n.person_key as person_key, p.name, p.name_key, p.id, p.id_kind, p.id_partial, p.sex,
    coalesce(p.birth_lo_said, p.birth_id) as birth_lo, coalesce(p.birth_hi_said, p.birth_id) as birth_hi, p.phone
from new_person_id as n
inner join party as p using (party_id)
where n.is_new
order by person_id;

create or replace view person as
select person_id, person_key, name, name_key, id, id_kind, id_partial, sex, birth_lo, birth_hi, phone, county, town, village
from register_person
union all by name
from unlisted_person;

create or replace temp table home_of as
select
    h.person_key,
    min(h.event_key) as event_key,
    arg_min(h.party_id, h.event_key) as party_id
from new_home as h
group by h.person_key;

create or replace temp table home_id as
select
    h.*,
    n.person_id,
    (select coalesce(max(household_id), 0) from register_household)
        + row_number() over (order by h.event_key, h.party_id) as household_id,
    'E:' || h.event_key || '/' || row_number() over (partition by h.event_key order by h.party_id) as household_key
from home_of as h
inner join new_person_id as n using (person_key);

create or replace table household as
select
    household_id, household_key, household_no, county, town, village, hamlet, head_name, head_person_id, snapshot_date,
    origin, is_gone
from register_household
union all by name
select
    h.household_id, h.household_key, p.name as head_name, h.person_id as head_person_id, 'party' as origin,
    false as is_gone,
    -- 县、乡镇、村 out of the words of the address
    nullif(regexp_extract(coalesce(p.domicile, p.address), '^(?:.*?(?:省|自治区))?(?:.*?(?:市|州))?(.*?[县市区旗])', 1), '') as county,
    nullif(regexp_extract(coalesce(p.domicile, p.address), '[县市区旗]([^县市区旗]*?(?:街道|[乡镇]))', 1), '') as town,
    nullif(regexp_extract(coalesce(p.domicile, p.address), '(?:街道|[乡镇])([^乡镇]*?(?:社区|居委会|村))', 1), '') as village
from home_id as h
inner join party as p using (party_id)
order by household_id;

create or replace table unlisted_member as
select household_id, person_id, '户主' as relation from home_id
union all by name
select distinct h.household_id, n.person_id, null as relation
from new_kin as k
inner join new_home as v on k.victim_party_id = v.party_id
inner join home_id as h on v.person_key = h.person_key
inner join new_person_id as n on k.person_key = n.person_key
where n.person_id <> h.person_id
order by household_id, person_id;

-- member_id counts on in the order of household and person: the tables lie in that order, new households come last
create or replace view member as
select rowid + 1 as member_id, *, '户籍同册' as kin_source
from register_member
union all by name
select (select count(*) from register_member) + rowid + 1 as member_id, *, '案件近亲属' as kin_source
from unlisted_member;

-- household_party: one row per household and party that stands in it
create or replace table household_party as
with through as (
    select m.household_id, c.party_id, c.person_id, '本人' as via, c.tier, c.why, c.state = 'linked' as certain, c.n_candidates,
        null as strength
    from link_choice as c
    inner join register_member as m using (person_id)
    where c.state in ('linked', 'undecided')
    union all
    select k.household_id, k.party_id, n.person_id, '近亲属', k.tier, k.why, true, 1, k.strength
    from kin_link as k
    left join kin_person as p using (party_id)
    left join new_person_id as n on p.person_key = n.person_key
    union all
    select h.household_id, n.party_id, h.person_id, '本人', 'NEW', null, true, 0, null
    from new_home as n
    inner join home_id as h on n.person_key = h.person_key
)

select h.household_id, h.party_id, h.person_id, h.via, h.tier, h.why, coalesce(h.strength, t.strength) as strength, h.certain,
    h.n_candidates
from through as h
inner join tier as t on h.tier = t.code
where h.party_id in (select party_id from party where claims or list_has_any(roles, ['被害人', '嫌疑人']))
qualify row_number() over (
    partition by h.household_id, h.party_id order by h.certain desc, h.via, coalesce(h.strength, t.strength), h.tier
) = 1
order by household_id, party_id;

create or replace table link_party as
select
    p.party_id, h.person_id, h.household_id, h.tier, h.strength, h.certain, h.n_candidates,
    replace(t.sentence, '{why}', coalesce(h.why, '')) as reason
from household_party as h
inner join tier as t on h.tier = t.code
inner join party as p using (party_id)
order by h.household_id, p.party_id;

create or replace table review_item as
select row_number() over (order by kind, review_key) as review_id, *
from (
    select review_key, kind, reason, party_id, candidates, decision from party_review
    union all
    select review_key, kind, reason, party_id, candidates, decision from kin_review
);
