-- fact_involvement: one row per household, event and party, as rules see it (涉案).
-- reads household_party, case_fact, flag_of_party (text flags), member, person, disability_of, aid_of, aid_case, rec_aid, kin_of, victim_row;
-- writes fact_involvement.
create or replace temp table suspect_home as
select distinct c.event_id, h.household_id
from case_fact as c
inner join household_party as h using (party_id)
where list_contains(c.roles, '嫌疑人') and h.via = '本人' and h.certain;

-- all_seen: it is certain where each suspect lives; one who is only possibly somebody of a household leaves it open
create or replace temp table suspect_seen as
select c.event_id, count(*) = count(h.party_id) as all_seen
from case_fact as c
left join (select distinct party_id from household_party where via = '本人' and certain) as h using (party_id)
where list_contains(c.roles, '嫌疑人')
group by c.event_id;

-- told_aid: households of which the prose of a village form says that they were aided; for which case, it does not say
create or replace temp table told_aid as
select distinct h.household_id
from household_party as h
inner join flag_of_party as f using (party_id)
inner join victim_row as v using (party_id)
where f.aid_said and list_contains(getvariable('prose_sources'), v.source_id);

-- Aid of a household through a party. Who was aided for somebody dead and lives in another household took nothing away
-- from this one: the aid is once per event and applicant.
create or replace temp table home_of_id as
select distinct p.id, m.household_id
from person as p
inner join member as m using (person_id)
where p.id in (select applicant_id from rec_aid);

create or replace temp table aid_state as
with here as (
    select h.household_id, h.party_id, a.certainty, a.state,
        -- a ledger without a column for the outcome: paid, or decided with an amount
        a.state is null and (a.paid_on_lo is not null or (a.decided_on_lo is not null and a.amount > 0)) as granted_unsaid
    from household_party as h
    inner join case_fact as c using (party_id)
    inner join aid_of as a using (party_id)
    inner join rec_aid as r on a.file_id = r.file_id and a.row_no = r.row_no and a.part_no = r.part_no
    where
        -- other help bars nothing: temporary aid, a fund's advance; a ledger that names no kind is one of judicial aid
        (r.kind is null or getvariable('aid_kinds') = [] or list_contains(getvariable('aid_kinds'), r.kind))
        and (c.harm is distinct from (getvariable('harm_codes'))[1]
        or r.applicant_id not in (select id from home_of_id)
        or r.applicant_id is null
        or (r.applicant_id, h.household_id) in (select (id, household_id) from home_of_id))
)

select
    household_id,
    party_id,
    bool_or(certainty = 2 and (coalesce(list_contains(getvariable('aid_granted'), state), false) or granted_unsaid)) as aided,
    bool_or((certainty = 1 and coalesce(not list_contains(getvariable('aid_refused'), state), true))
        or (certainty = 2 and ((state is null and not granted_unsaid) or list_contains(getvariable('aid_pending'), state)))) as perhaps_aided
from here
group by household_id, party_id;

create or replace table fact_involvement as
select
    row_number() over (order by h.household_id, h.party_id) as row_id,
    h.household_id,
    h.certain,
    h.person_id,
    c.event_id,
    h.party_id,
    h.strength,
    coalesce(q.name, c.name) as name,
    c.roles,
    h.via,
    h.strength as match,
    c.party_kind,
    coalesce(q.sex, c.sex) as sex,
    m.labour,
    m.health,
    -- who sues for somebody dead is alive
    case when c.harm = (getvariable('harm_codes'))[1] and not c.claims then '死亡' else '在世' end as alive,
    case when c.harm = (getvariable('harm_codes'))[1] and not c.claims then c.event_lo end as died_lo,
    case when c.harm = (getvariable('harm_codes'))[1] and not c.claims then coalesce(c.accepted_hi, c.event_hi) end as died_hi,
    coalesce(
        z.cert_level, m.cert_level, c.cert_level_said,
        case when getvariable('disability_loaded') and coalesce(q.id, c.id) is not null then '无证' end
    ) as cert_level,
    m.wage,
    coalesce(
        date_sub('year', coalesce(q.birth_hi, c.birth_hi), c.event_lo),
        case when c.is_minor then 0 when not c.is_minor then getvariable('adult_age') end,
        -- not known when, but before a day on which he was still a child
        case when coalesce(q.birth_lo, c.birth_lo) is not null and c.event_by is not null then 0 end
    )::double as age_at_lo,
    coalesce(
        date_sub('year', coalesce(q.birth_lo, c.birth_lo), c.event_by),
        case when c.is_minor then getvariable('adult_age') - 1 when not c.is_minor then 150 end
    )::double as age_at_hi,
    c.suspect_relation,
    case when s.household_id is not null then true when w.all_seen then false end as same_household,
    c.case_no,
    c.cause,
    c.cause_kind,
    c.event_lo as event_date_lo,
    c.event_hi as event_date_hi,
    c.accepted_lo as accepted_on_lo,
    c.accepted_hi as accepted_on_hi,
    c.closed_lo as closed_on_lo,
    c.closed_hi as closed_on_hi,
    -- nobody owes anything to who was himself told to pay, or whose claim was dismissed
    case when c.claims and f.claim_failed then '其他' else c.claim end as claim,
    case
        when not c.claims then null
        when f.lost_labour or c.disability is not null or c.claim_bodily then true
        else c.harm <> getvariable('no_injury')
    end as claim_injured,
    c.stage,
    c.outcome,
    null::boolean as own_case,
    c.victim_count::double as victim_count,
    c.suspect_count::double as suspect_count,
    c.summary,
    c.telecom,
    nullif(f.domestic_violence, false) as domestic_violence,
    nullif(f.protected, false) as protected,
    c.harm,
    c.disability,
    nullif(f.lost_labour, false) as lost_labour,
    c.loss,
    nullif(f.main_labour_said, false) as main_labour_said,
    nullif(f.veteran_said, false) as veteran_said,
    nullif(f.hardship_said, false) as hardship_said,
    nullif(f.debt_said, false) as debt_said,
    nullif(f.treatment_said, false) as treatment_said,
    nullif(f.dependants_said, false) as dependants_said,
    nullif(f.alone_said, false) as alone_said,
    nullif(f.counselled, false) as counselled,
    nullif(f.distress_said, false) as distress_said,
    nullif(f.family_veteran, false) as family_veteran,
    nullif(f.refused_said, false) as refused_said,
    h.party_id in (select party_id from kin_of) as kin_named,
    case when f.treatment_said or f.fees_said then true end as treatment_unmet,
    -- what no file can say, but a visit or a note: NULL stays a question
    case when f.well_off_said and not f.hardship_said then false end as hardship_now,
    case when not f.parent_gone_said then false end as parent_gone,
    case when not coalesce(c.claims and f.claim_failed, false) then c.award end as award,
    case when not coalesce(c.claims and f.claim_failed, false) then coalesce(c.award, c.due, c.loss) end as due,
    c.paid,
    c.pay_state,
    c.settled,
    nullif(f.waived, false) as waived,
    c.civil_suit,
    c.exe_state,
    getvariable('enforcement_loaded') as exe_known,
    c.exe_none,
    c.exe_filed_lo as exe_filed_on_lo,
    c.exe_filed_hi as exe_filed_on_hi,
    c.exe_ratio,
    case when f.uninsured then '无' when f.insured then '保险' end as payer,
    c.fault,
    nullif(f.fault_said, false) as fault_said,
    nullif(f.fight_said, false) as fight_said,
    case when not f.fight_said then false end as fight_fault,
    c.told,
    c.applied,
    list_sort(list_distinct(list_concat(
        list_concat(c.own_outcomes, c.own_measures),
        case
            when f.probation and c.sentence_text is not null then ['缓刑']
            when f.custody and c.sentence_text is not null then ['实刑']
            -- a longer term cannot be suspended, whatever is not written beside it
            when c.sentence_months > getvariable('longest_suspended')::integer then ['实刑']
            else []
        end
    ))) as own_outcome,
    c.sentence_months as sentence,
    c.arrested_lo as detained_on_lo,
    c.arrested_hi as detained_on_hi,
    (c.arrested_lo + to_months(c.sentence_months::integer))::date as served_lo,
    (c.arrested_hi + to_months(c.sentence_months::integer))::date as served_hi,
    nullif(f.suspect_at_large or c.at_large is not null, false) as suspect_at_large,
    nullif(f.suspect_dead or f.suspect_suicide or coalesce(list_contains(c.outcome, '终止审理'), false), false)
        as suspect_dead,
    nullif(f.suspect_treated, false) as suspect_treated,
    null::boolean as suspect_poor,
    nullif(f.time_barred, false) as time_barred,
    nullif(f.unsolved, false) as unsolved,
    case when not getvariable('aid_loaded') then null when a.aided or a.perhaps_aided then 0 else 1 end::double
        as applicants_open_lo,
    case when not getvariable('aid_loaded') then null when a.aided then 0 else 1 end::double as applicants_open_hi,
    case when not getvariable('aid_loaded') or (a.perhaps_aided and not a.aided) then null
        else coalesce(a.aided, false)::int end::double as applicants_aided,
    case when coalesce(a.aided, false) or not coalesce(a.perhaps_aided, false) then false end as ledger_aid,
    -- of one who is dead it is not told which of his heirs
    case
        when coalesce(a.aided, false) then false
        when (f.aid_here_said or coalesce(d.here, false)) and c.harm is distinct from (getvariable('harm_codes'))[1] then true
        when not (f.aid_said or d.party_id is not null or e.household_id is not null) then false
    end as written_aid
from household_party as h
inner join case_fact as c using (party_id)
inner join flag_of_party as f using (party_id)
left join person as q using (person_id)
left join member as m on h.household_id = m.household_id and h.person_id = m.person_id
left join disability_of as z on h.person_id = z.person_id
left join aid_state as a on h.household_id = a.household_id and h.party_id = a.party_id
left join suspect_home as s on c.event_id = s.event_id and h.household_id = s.household_id
    and list_contains(c.roles, '被害人')
left join aid_case as d on h.party_id = d.party_id
left join told_aid as e on h.household_id = e.household_id
left join suspect_seen as w on c.event_id = w.event_id
order by row_id;
