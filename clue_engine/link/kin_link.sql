-- kin_link: the household a killed or struck victim is reached in, through a relative named in the case.
-- reads tier, kin_of, party, link_choice, register_member, register_person, dead_party, legal_event, case_ref,
-- victim_row, register_household, decision; writes kin_link, form_victim, kin_review.
-- Two signals must agree (any relative alone was right in 31 % of measured cases, with surname, phone or village in 93 %):
-- the relative is linked, and village, phone, surname or a word of kinship agrees. One signal alone is a proposal.
create or replace temp table kin_pair as
select
    k.party_id,
    k.kin_party_id,
    m.household_id,
    m.person_id,
    c.tier,
    coalesce(contains(concat_ws(' ', v.domicile, v.address), q.village), false) as village_same,
    coalesce(v.phone = q.phone or v.phone = r.phone, false) as phone_same,
    coalesce(left(v.name, 1) = left(q.name, 1), false) as surname_same,
    coalesce(list_contains(getvariable('kin_words'), k.relation), false) as relation_said,
    v.party_id in (select party_id from dead_party) as is_dead,
    v.party_id in (
        select x.party_id from link_choice as x
        inner join register_member as y using (person_id)
        where x.state = 'linked'
    ) as has_household
from kin_of as k
inner join party as v on k.party_id = v.party_id
inner join party as r on k.kin_party_id = r.party_id
inner join link_choice as c on k.kin_party_id = c.party_id and c.state = 'linked'
inner join register_member as m on c.person_id = m.person_id
inner join register_person as q on m.person_id = q.person_id
where v.party_id not in (select party_id from link_choice where state in ('conflict', 'undecided'));

create or replace temp table kin_signal as
select
    *,
    village_same or phone_same or surname_same or relation_said as agrees,
    substr(sha256('kin|' || e.event_key || '|' || coalesce(v.name_key, '') || '|' || q.person_key), 1, 12) as review_key
from kin_pair as p
inner join party as v using (party_id)
inner join legal_event as e using (event_id)
inner join register_person as q using (person_id)
where not p.has_household;

-- as same_question: the answer counts under any number of the case
create or replace temp table kin_decision as
with asked_as as (
    select review_key, review_key as asked_as from kin_signal
    union
    select s.review_key,
        substr(sha256('kin|' || r.ref || '|' || coalesce(s.name_key, '') || '|' || s.person_key), 1, 12)
    from kin_signal as s
    inner join case_ref as r using (event_id)
)
select a.review_key, arg_max(d.choice, d.seq) as choice
from asked_as as a
inner join decision as d on a.asked_as = d.review_key
group by a.review_key;

create or replace temp table kin_link as
select
    s.party_id,
    s.kin_party_id,
    s.household_id,
    s.person_id,
    case when d.choice is not null then 'M' else 'K1' end as tier,
    case when t.strength = '确认' or d.choice is not null then '确认' else '疑似' end as strength,
    concat_ws('、', case when s.village_same then '同村' end, case when s.phone_same then '电话相同' end,
        case when s.surname_same then '同姓' end, case when s.relation_said then '亲属关系明确' end) as why
from kin_signal as s
inner join tier as t on s.tier = t.code
left join kin_decision as d on s.review_key = d.review_key
where (s.agrees and coalesce(d.choice, '') <> 'none')
    or d.choice = substr(sha256(s.person_key), 1, 12);

-- form_victim: a victim of a case, and who of a household a form says was hurt (儿子某甲2025年4月被打死): the same name, which
-- nobody else of the cases and of the forms has, and the month of the case in the words of the form, or the village.
create or replace temp table form_victim as
with told as (
    select k.party_id, k.kin_party_id, k.household_id, k.person_id, k.strength, p.name_key, p.event_id,
        regexp_replace(string_agg(r.note, ' '), '\s', '', 'g') as note, any_value(h.village) as village
    from kin_link as k
    inner join party as p using (party_id)
    inner join victim_row as r on p.party_id = r.party_id and list_contains(getvariable('prose_sources'), r.source_id)
    inner join register_household as h using (household_id)
    where length(p.name_key) between 2 and 4 and not contains(p.name_key, '某') and not contains(p.name_key, '的')
        and p.id is null
    group by all
),

one_told as (
    from told
    qualify count(distinct household_id) over (partition by name_key) = 1
        and row_number() over (partition by name_key order by party_id) = 1
),

one_victim as (
    select p.*, e.happened_lo, e.happened_hi
    from party as p
    inner join legal_event as e using (event_id)
    where list_contains(p.roles, '被害人') and coalesce(p.party_kind, '自然人') = '自然人'
        and p.party_id not in (select party_id from kin_link)
        and p.party_id not in (select party_id from link_choice where state in ('linked', 'conflict', 'undecided'))
    qualify count(distinct coalesce(p.id, p.event_id::varchar)) over (partition by p.name_key) = 1
)

select
    v.party_id, t.party_id as told_party_id, t.kin_party_id, t.household_id, t.person_id, t.strength,
    case when v.id is not null then 'I:' || v.id else 'E:' || e.event_key || '|' || t.name_key end as person_key,
    concat_ws('、', case when month_same then '案发年月相同' end, case when village_same then '同村' end) as why
from (
    select *,
        coalesce(
            date_trunc('month', happened_lo) = date_trunc('month', happened_hi)
            and regexp_matches(
                note,
                '(?:^|[^0-9])(?:20)?' || strftime(happened_lo, '%y') || '(?:年|[./-])0?' || month(happened_lo) || '(?:月|[./-]|$)'
            ),
            false
        ) as month_same,
        coalesce(contains(concat_ws(' ', domicile, address), village), false) as village_same
    from one_victim
    inner join (select * rename (party_id as told_party_id, event_id as told_event_id) from one_told) using (name_key)
) as v
inner join one_told as t on v.told_party_id = t.party_id
inner join legal_event as e on t.event_id = e.event_id
where v.event_id <> t.event_id and (month_same or village_same);

insert into kin_link
select party_id, kin_party_id, household_id, person_id, 'K2', strength, why
from form_victim
order by party_id;

create or replace temp table kin_review as
select
    s.review_key,
    'household_proposal' as kind,
    '案件中写明的近亲属在名册内，但只有这一项依据' as reason,
    s.party_id,
    to_json([{'ref': substr(sha256(s.person_key), 1, 12), 'person_id': s.person_id, 'household_id': s.household_id}]) as candidates,
    d.choice as decision
from kin_signal as s
left join kin_decision as d on s.review_key = d.review_key
where not s.agrees
qualify row_number() over (partition by s.review_key order by s.household_id) = 1;
