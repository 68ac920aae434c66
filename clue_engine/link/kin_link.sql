-- kin_link: the household a killed or struck victim is reached in, through a relative named in the case.
-- reads tier, kin_of, party, link_choice, register_member, register_person, dead_party, legal_event, case_ref,
-- decision; writes kin_link, kin_review.
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
