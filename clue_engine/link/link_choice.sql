-- link_choice: for each party the persons of its best tier; party_review: what a person must decide.
-- reads tier, pair, name_agreement (distinct names under one id that agree), event_case, decision, party, register_person,
-- register_member, legal_event; writes link_choice, party_review, case_ref, last_decision.
create or replace temp table checked as
select
    r.party_id,
    r.person_id,
    r.tier,
    case
        when r.tier > 1 then '姓名相同'
        when p.name_key = q.name_key or p.name_key is null or q.name_key is null then '姓名相同'
        else a.why
    end as why
from pair as r
inner join party as p using (party_id)
inner join register_person as q using (person_id)
left join name_agreement as a on a.one = p.name_key and a.other = q.name_key;

create or replace temp table best as
select *
from checked
where why is not null
qualify tier = min(tier) over (partition by party_id);

-- The id says one person, the name another: a data fault for the review list, never a clue.
create or replace temp table conflict as
select party_id, person_id
from checked
where tier = 1 and why is null
    and party_id not in (select party_id from best where tier = 1);

create or replace temp table open_question as
select
    party_id,
    person_id,
    case when party_id in (select party_id from conflict) then 'identity_conflict' else 'several_candidates' end as kind
from (
    select party_id, person_id from conflict
    union
    select party_id, person_id from best
    where party_id in (select party_id from conflict)
        or tier = 8
        or party_id in (select party_id from best group by party_id having count(*) > 1)
);

create or replace temp table candidate as
select
    o.kind,
    o.party_id,
    o.person_id,
    substr(sha256('party|' || e.event_key || '|' || coalesce(p.name_key, '') || '|' || o.kind), 1, 12) as review_key,
    substr(sha256(q.person_key), 1, 12) as ref
from open_question as o
inner join party as p using (party_id)
inner join legal_event as e using (event_id)
inner join register_person as q using (person_id);

-- The key of a question holds one number of the case; a case that got another number since is the same question.
create or replace temp table case_ref as
select event_id, 'U' || unified_no as ref from event_case where unified_no is not null
union
select event_id, 'C' || case_no from event_case where case_no is not null;

create or replace temp table same_question as
select distinct
    c.review_key,
    substr(sha256('party|' || r.ref || '|' || coalesce(p.name_key, '') || '|' || c.kind), 1, 12) as asked_as
from candidate as c
inner join party as p using (party_id)
inner join case_ref as r using (event_id);

-- A decision for somebody who is no candidate any more answers nothing: the question is open again.
create or replace temp table last_decision as
with answer as (
    select coalesce(s.review_key, d.review_key) as review_key, arg_max(d.choice, d.seq) as choice
    from decision as d
    left join same_question as s on s.asked_as = d.review_key
    group by all
)
select review_key, choice
from answer
where choice = 'none'
    or (review_key, choice) in (select (review_key, ref) from candidate);

create or replace temp table party_review as
select
    c.review_key,
    any_value(c.kind) as kind,
    case any_value(c.kind)
        when 'identity_conflict' then '证件号码与名册相同而姓名不同'
        else '名册中有不止一人相符，或同村同名而无其他依据'
    end as reason,
    c.party_id,
    to_json(list({'ref': c.ref, 'person_id': c.person_id, 'household_id': m.household_id} order by c.ref)) as candidates,
    any_value(d.choice) as decision
from candidate as c
left join (select person_id, min(household_id) as household_id from register_member group by person_id) as m
    using (person_id)
left join last_decision as d using (review_key)
group by c.review_key, c.party_id;

-- link_choice: state linked | undecided (possible rows) | conflict (no row) | none (a person said: none of them)
create or replace temp table link_choice as
select b.party_id, b.person_id, t.code as tier, b.why, 'linked' as state, 1 as n_candidates
from best as b
inner join tier as t on b.tier = t.place
where b.party_id not in (select party_id from open_question)
union all
select
    c.party_id,
    c.person_id,
    'M' as tier,
    '人工核定' as why,
    'linked' as state,
    count(*) over (partition by c.party_id) as n_candidates
from candidate as c
inner join last_decision as d using (review_key)
where d.choice = c.ref
union all
select
    c.party_id,
    c.person_id,
    '?' as tier,
    null as why,
    case when c.kind = 'identity_conflict' then 'conflict' else 'undecided' end as state,
    count(*) over (partition by c.party_id) as n_candidates
from candidate as c
where c.review_key not in (select review_key from last_decision)
union all
select distinct c.party_id, null::bigint, 'M', '人工核定', 'none', 0
from candidate as c
inner join last_decision as d using (review_key)
where d.choice = 'none';
