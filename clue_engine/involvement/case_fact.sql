-- case_fact: one row per party (victim, suspect, or who sues or petitions) with the facts of its event, of the harm and
-- of the payment.
-- reads party, party_mention, household_party, member, person, victim_row, case_row, legal_event, kin_of, input_file,
-- rec_enforcement, charge_kind, claim_kind, casualty,
-- text_value and text_fact (what sentences say: only where nothing is filled in);
-- writes case_fact, victim_party, enforcement_of. NULL = not known.

-- A court row belongs to a party when it claims a crime's damages (never a civil debt) or names a charge of the event, the
-- applicant is the victim, a relative named beside him, one of his household by number, or names him in its note, and the
-- respondent is a suspect of the event.
-- as in legal_event.sql
create or replace temp macro charge_core(said) as regexp_replace(trim(said), '[(（].*|(?:罪|案件|案)$', '', 'g');
create or replace temp macro charge_name(said) as charge_core(said)
    || case when regexp_matches(charge_core(said), getvariable('civil_ending')) then '' else getvariable('charge_ending') end;

create or replace temp table crime_claim as
select
    *,
    coalesce(list_bool_or(list_transform(
        getvariable('crime_claim_words'), lambda w: contains(concat_ws(' ', origin_no, cause), w))), false) as is_of_crime,
    replace(applicant_name, '·', '') as applicant_key,
    replace(respondent_name, '·', '') as respondent_key
from rec_enforcement;

create or replace temp table victim_party as
select party_id, event_id, name_key, id
from party
where claims or list_contains(roles, '被害人');

create or replace temp table suspect_party as
select party_id, event_id, name_key, id
from party
where list_contains(roles, '嫌疑人');

create or replace table enforcement_of as
with facing as (
    select c.*, s.event_id
    from crime_claim as c
    inner join suspect_party as s on c.respondent_key = s.name_key or c.respondent_id = s.id
    inner join legal_event as e using (event_id)
    where
        c.is_of_crime
        or list_contains(e.causes, charge_name(c.cause))
),

claimant as (
    -- name_key: who claims for this victim
    select party_id, event_id, name_key, id, 0 as distance from victim_party
    union all
    select k.party_id, v.event_id, p.name_key, p.id, 1
    from kin_of as k
    inner join party as p on k.kin_party_id = p.party_id
    inner join victim_party as v on k.party_id = v.party_id
    union all
    -- by number only: a name says nothing of a household
    select v.party_id, v.event_id, null, q.id, 2
    from victim_party as v
    inner join household_party as h using (party_id)
    inner join member as m using (household_id)
    inner join person as q on m.person_id = q.person_id
    where q.id is not null and h.certain
)

select distinct v.party_id, f.file_id, f.row_no, f.part_no, f.claimed, f.executed, f.closing, f.filed_on_lo, f.filed_on_hi
from facing as f
inner join claimant as v
    on f.event_id = v.event_id
    and (v.id = f.applicant_id or (v.name_key = f.applicant_key and (v.id is null or f.applicant_id is null)))
union
select distinct v.party_id, f.file_id, f.row_no, f.part_no, f.claimed, f.executed, f.closing, f.filed_on_lo, f.filed_on_hi
from facing as f
inner join victim_party as v on f.event_id = v.event_id and contains(replace(f.note, '·', ''), v.name_key)
union
-- of an event in which no suspect is known nobody can face the victim: by number, and both name the same cause
select distinct v.party_id, r.file_id, r.row_no, r.part_no, r.claimed, r.executed, r.closing, r.filed_on_lo, r.filed_on_hi
from rec_enforcement as r
inner join claimant as v on r.applicant_id = v.id
inner join legal_event as e
    on v.event_id = e.event_id and list_contains(e.causes, charge_name(r.cause))
where v.event_id not in (select event_id from suspect_party) and v.party_id in (select party_id from party where not claims)
union
-- a civil case has no suspect: the applicant is who sues, by id, and both name the same cause
select distinct p.party_id, r.file_id, r.row_no, r.part_no, r.claimed, r.executed, r.closing, r.filed_on_lo, r.filed_on_hi
from rec_enforcement as r
inner join party as p on p.claims and r.applicant_id = p.id
inner join legal_event as e on p.event_id = e.event_id and list_contains(e.causes, charge_name(r.cause))
union
-- a claim for a crime's damages that names no charge or one of the event: by number, where no suspect is known
select distinct v.party_id, c.file_id, c.row_no, c.part_no, c.claimed, c.executed, c.closing, c.filed_on_lo, c.filed_on_hi
from crime_claim as c
inner join claimant as v on c.is_of_crime and c.applicant_id = v.id
inner join legal_event as e using (event_id)
where v.event_id not in (select event_id from suspect_party) and v.distance < 2 and case
    when contains(c.cause, '(') or contains(c.cause, '（')
        then list_bool_or(list_transform(e.causes, lambda x: contains(c.cause, charge_core(x))))
    else c.applicant_id in (select id from claimant where distance < 2 group by id having count(distinct event_id) = 1)
end
union
-- a row that makes a case of its own (an award to a widow is that of the dead victim)
select distinct m.party_id, r.file_id, r.row_no, r.part_no, r.claimed, r.executed, r.closing, r.filed_on_lo, r.filed_on_hi
from rec_enforcement as r
inner join party_mention as m
    on m.nth = 0 and r.file_id = m.file_id and r.row_no = m.row_no and r.part_no = m.part_no
order by all;

-- lines of a list of payouts (neither claim nor way of closing) add up, the same line once
create or replace temp table paid_out as
select party_id, sum(executed) as paid
from (
    select distinct o.party_id, r.enforcement_no, r.closed_on_lo, r.executed
    from enforcement_of as o
    inner join rec_enforcement as r on o.file_id = r.file_id and o.row_no = r.row_no and o.part_no = r.part_no
    where r.claimed is null and r.closing is null and r.executed is not null
)
group by party_id;

create or replace temp table court as
select
    party_id,
    first(closing order by filed_on_lo desc nulls last, file_id, row_no) as closing,
    max(claimed) as claimed,
    greatest(max(executed), any_value(p.paid)) as executed,
    arg_min(filed_on_lo, filed_on_lo) as filed_on_lo,
    arg_min(filed_on_hi, filed_on_lo) as filed_on_hi
from enforcement_of
left join paid_out as p using (party_id)
group by party_id;

create or replace temp table kind_of_event as
select e.event_id, arg_min(k.kind, k.priority) as kind
from (select event_id, unnest(causes) as cause from legal_event) as e
inner join charge_kind as k on e.cause = k.charge
group by e.event_id;

-- of a case without any charge (a form of a village): the weightiest kind that its words tell
create or replace temp table kind_said as
select t.event_id, arg_min(t.value, k.priority) as kind
from text_fact as t
inner join (select kind, min(priority) as priority from charge_kind group by kind) as k on t.value = k.kind
where t.fact = '案件性质' and t.event_id in (select event_id from legal_event where causes is null)
group by t.event_id;

-- what is asked for, where it is a civil, administrative or petition case: by the cause, else by the kind of case
create or replace temp table claim_of_event as
select
    e.event_id,
    coalesce(
        (select arg_min(k.kind, k.priority) from claim_kind as k where list_contains(e.causes, k.word)),
        (select arg_min(k.kind, k.priority) from claim_kind as k where e.category = k.word)
    ) as claim,
    -- a cause that is one of life, body or health, or words that somebody died: who sues was hurt, or lost somebody
    list_has_any(e.causes, getvariable('bodily_causes'))
        or e.event_id in (select event_id from text_fact where fact = getvariable('bodily_said')) as bodily
from legal_event as e
where e.event_id in (select event_id from party where claims);

create or replace temp table count_of_event as
select
    event_id,
    count(*) filter (claims or list_contains(roles, '被害人')) as victims,
    count(*) filter (list_contains(roles, '嫌疑人')) as suspects
from party
group by event_id;

create or replace temp table outcome_of_event as
select event_id, list_sort(list_distinct(list(outcome))) as outcomes
from (
    -- the last stage that says something about this suspect
    select event_id, arg_max(outcome, stage_rank) as outcome
    from case_row
    where outcome is not null and category is distinct from getvariable('aid_category')
    group by event_id, coalesce(suspect_id, suspect_name)
)
group by event_id;

create or replace temp table harm_of_victim as
select
    party_id,
    arg_min(injury, rank) filter (rank is not null) as injury,
    min(disability order by disability_rank) filter (disability is not null) as disability_any,
    arg_min(disability, disability_rank) as disability,
    bool_or(dead) as dead,
    max(loss) as loss,
    max(paid) as paid,
    max(award) as award,
    max(due) as due,
    first(pay_state order by file_id, row_no desc) filter (pay_state is not null) as pay_state,
    first(enforcement order by file_id, row_no desc) filter (enforcement is not null) as enforcement,
    bool_or(settled) as settled,
    bool_or(civil_suit) as civil_suit,
    bool_or(told) as told,
    bool_or(applied) as applied,
    first(suspect_relation order by file_id, row_no) filter (suspect_relation is not null) as suspect_relation,
    first(fault order by file_id, row_no) filter (fault is not null) as fault,
    string_agg(distinct note, ';' order by note) as note,
    min(seen_on) as seen_on
from (
    select v.*, f.snapshot_date as seen_on, list_position(getvariable('harm_codes'), v.injury) as rank,
        list_position(getvariable('disability_codes'), v.disability) as disability_rank
    from victim_row as v
    left join input_file as f using (file_id)
)
group by party_id;

-- amounts in the row of the victim himself: only where his sentences agree
create or replace temp table amount_of as
with said as (
    select distinct t.party_id, t.fact, try_cast(replace(t.value, '元', '') as double) as amount
    from text_fact as t
    inner join victim_row as v on t.party_id = v.party_id and t.file_id = v.file_id and t.row_no = v.row_no
    where t.fact in ('已赔金额', '应赔金额', '损失金额') and t.field <> 'summary'
)

select
    party_id,
    case when count(*) filter (fact = '已赔金额') = 1 then max(amount) filter (fact = '已赔金额') end as paid,
    case when count(*) filter (fact = '应赔金额') = 1 then max(amount) filter (fact = '应赔金额') end as award,
    case when count(*) filter (fact = '损失金额') = 1 then max(amount) filter (fact = '损失金额') end as loss
from said
group by party_id;

-- the first term that a sentence names: 逮捕，判处有期徒刑三年六个月 → 42
create or replace temp macro small_number(said) as coalesce(
    try_cast(said as integer),
    list_position(['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二', '十三', '十四', '十五', '十六',
        '十七', '十八', '十九', '二十', '二十一', '二十二', '二十三', '二十四', '二十五'], replace(said, '两', '二'))
);
create or replace temp macro term_part(said, place) as small_number(nullif(regexp_extract(
    said,
    '(?:有期徒刑|拘役)(?:([0-9一二三四五六七八九十两]{1,3})年)?(?:零|又)?(?:([0-9一二三四五六七八九十两]{1,3})个?月)?',
    place
), ''));
create or replace temp macro term_of(said) as nullif(
    coalesce(term_part(said, 1), 0) * 12 + coalesce(term_part(said, 2), 0), 0
)::double;

create or replace temp table own_case as
select
    p.party_id,
    list_sort(list_distinct(list(c.outcome) filter (c.outcome is not null))) as outcomes,
    list_sort(list_distinct(list(c.measure) filter (c.measure is not null))) as measures,
    first(c.sentence_text order by c.stage_rank desc, c.file_id, c.row_no) filter (c.sentence_text is not null) as sentence_text,
    coalesce(max(c.sentence_months), max(term_of(c.sentence_text))) as sentence_months,
    min(c.arrested_on_lo) as arrested_lo,
    arg_min(c.arrested_on_hi, c.arrested_on_lo) as arrested_hi
from party_mention as p
inner join case_row as c on p.file_id = c.file_id and p.row_no = c.row_no and p.part_no = c.part_no and p.nth = 2
group by p.party_id;

-- what the row of the accused himself says of him in words: whether he is held, and how long he has to serve
create or replace temp table own_said as
select
    party_id,
    list_sort(list_distinct(list_concat(
        coalesce(list(value) filter (fact = '本人处境'), []),
        -- a term that is served: one that is suspended is not said as a term
        case when bool_or(fact = '本人刑期') and not coalesce(bool_or(value = '缓刑'), false) then ['实刑'] else [] end
    ))) as outcomes,
    case when count(distinct value) filter (fact = '本人刑期') = 1
        then max(term_of('有期徒刑' || value)) filter (fact = '本人刑期') end as months
from text_fact
where fact in ('本人处境', '本人刑期') and party_id is not null
group by party_id
having not coalesce(bool_or(value = '已释放'), false);  -- what he served is over

-- of a form of a village, which has no case: the month that its words name first
create or replace temp table told_day as
select
    event_id,
    min(make_date(year, coalesce(month, 1), 1)) as told_lo,
    max(last_day(make_date(year, coalesce(month, 12), 1))) as told_hi
from (
    select
        event_id,
        try_cast(nullif(regexp_extract(note, '(20\d\d) ?[年.．/-]', 1), '') as integer) as year,
        try_cast(nullif(regexp_extract(note, '20\d\d ?[年.．/-] ?(1[0-2]|0?[1-9])(?:[月.．/-]|$)', 1), '') as integer) as month
    from victim_row
    where list_contains(getvariable('prose_sources'), source_id) and role in ('被害人', '嫌疑人')
)
where year is not null
group by event_id;

create or replace temp table event_day as
select
    event_id,
    coalesce(filled_lo, said, accepted_lo - getvariable('longest_wait')::integer, t.told_lo) as event_lo,
    coalesce(filled_hi, said, accepted_hi, t.told_hi) as event_hi
from (
    select
        event_id, accepted_lo, accepted_hi,
        -- a case is not taken up before it happened
        case when happened_lo <= coalesce(accepted_hi, happened_lo) then happened_lo end as filled_lo,
        case when happened_lo <= coalesce(accepted_hi, happened_lo) then happened_hi end as filled_hi,
        case when written <= coalesce(accepted_hi, written) and written >= coalesce(accepted_lo, written) - to_years(30)
            then written end as said
    from (
        select *, try_strptime(
            regexp_extract(summary, '(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日', 1) || '-'
            || regexp_extract(summary, '(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日', 2) || '-'
            || regexp_extract(summary, '(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日', 3), '%Y-%m-%d')::date as written
        from legal_event
    )
)
left join told_day as t using (event_id);

create or replace temp table case_fact as
select
    p.party_id,
    p.event_id,
    p.name,
    p.id,
    p.roles,
    p.claims,
    p.party_kind,
    p.sex,
    coalesce(p.birth_id, p.birth_lo_said) as birth_lo,
    coalesce(p.birth_id, p.birth_hi_said) as birth_hi,
    p.is_minor,
    p.cert_level as cert_level_said,
    concat_ws(' ', p.domicile, p.address) as place,
    e.case_no,
    e.event_key,
    e.causes as cause,
    coalesce(k.kind, s.kind) as cause_kind,
    d.event_lo,
    d.event_hi,
    -- whatever happened, happened before the last day that the case or its list knows of, and before the scan
    coalesce(d.event_hi, e.closed_hi, h.seen_on, getvariable('scan_day')) as event_by,
    e.accepted_lo,
    e.accepted_hi,
    e.closed_lo,
    e.closed_hi,
    g.bodily as claim_bodily,
    coalesce(g.claim, case when p.claims then if(list_contains(p.roles, '信访人'), '信访', '其他') end) as claim,
    e.stage,
    o.outcomes as outcome,
    n.victims as victim_count,
    n.suspects as suspect_count,
    concat_ws(';', e.summary, e.note, h.note) as summary,
    concat_ws(';', e.all_text, h.note) as event_text,
    h.note as own_text,
    concat_ws(';', e.domestic_violence, e.all_text, h.note) as violence_text,
    e.at_large,
    e.telecom,
    h.suspect_relation,
    -- death outranks a grade; the event's casualties speak for a person only where he is the one victim
    case
        when not (p.claims or list_contains(p.roles, '被害人')) then null
        when h.dead then (getvariable('harm_codes'))[1]
        when h.injury is not null then h.injury
        -- the casualties of a case name no grade; a sentence may
        when n.victims = 1 and c.harm is not null
            then case when contains(c.harm, '(') and left(x.harm, 2) = left(c.harm, 2) then x.harm else c.harm end
        -- who stands as living has not died in a sentence: an animal did, or another
        when not coalesce(not h.dead and x.harm = (getvariable('harm_codes'))[1], false) and x.harm is not null then x.harm
        when list_contains(getvariable('no_injury_kinds'), coalesce(k.kind, s.kind)) then getvariable('no_injury')
    end as harm,
    coalesce(h.disability, x.disability) as disability,
    coalesce(h.loss, case when n.victims = 1 and list_contains(p.roles, '被害人') then e.loss end, m.loss,
        -- 责令退赔: what a thief or swindler is told to give back is what was taken
        case when k.kind = getvariable('property_kind') then t.claimed end) as loss,
    coalesce(t.claimed, h.award, m.award) as award,
    h.due,
    -- several channels may record the same money: the largest counts, never the sum
    coalesce(
        greatest(
            h.paid, t.executed,
            case when n.victims = 1 and list_contains(p.roles, '被害人') then e.recovered end,
            case when n.victims = 1 and list_contains(p.roles, '被害人') then e.refunded end
        ),
        m.paid
    ) as paid,
    coalesce(h.pay_state, x.pay_state) as pay_state,
    coalesce(h.settled, x.settled = '是') as settled,
    h.civil_suit,
    h.told,
    h.applied,
    coalesce(h.fault, x.fault) as fault,
    coalesce(t.closing, h.enforcement, x.enforcement, case when t.party_id is not null then '在执行' end) as exe_state,
    t.party_id is null and coalesce(h.enforcement, x.enforcement) is null as exe_none,
    t.filed_on_lo as exe_filed_lo,
    t.filed_on_hi as exe_filed_hi,
    t.executed / nullif(t.claimed, 0) as exe_ratio,
    coalesce(w.outcomes, y.outcomes) as own_outcomes,
    w.measures as own_measures,
    w.sentence_text,
    coalesce(w.sentence_months, y.months) as sentence_months,
    w.arrested_lo,
    w.arrested_hi
from party as p
inner join legal_event as e using (event_id)
left join event_day as d using (event_id)
left join kind_of_event as k using (event_id)
left join kind_said as s using (event_id)
left join claim_of_event as g using (event_id)
left join outcome_of_event as o using (event_id)
left join count_of_event as n using (event_id)
left join harm_of_victim as h using (party_id)
left join court as t using (party_id)
left join amount_of as m on p.party_id = m.party_id and (p.claims or list_contains(p.roles, '被害人'))
left join own_case as w using (party_id)
left join own_said as y on p.party_id = y.party_id and list_contains(p.roles, '嫌疑人')
left join text_value as x on p.party_id = x.party_id and (p.claims or list_contains(p.roles, '被害人'))
left join (
    select e2.event_id, arg_min(c2.harm, c2.priority) as harm
    from legal_event as e2
    inner join casualty as c2 on contains(e2.casualties, c2.word)
    group by e2.event_id
) as c using (event_id)
where p.claims or list_has_any(p.roles, ['被害人', '嫌疑人']);
