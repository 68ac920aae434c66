-- aid_of: one row per victim party and row of aid that may be for its event. reads rec_aid, event_case, case_fact, victim_party,
-- party, kin_of, household_party, member, person, victim_row; writes aid_of, aid_unmatched (a file of aid that names nobody of any case).
-- certainty: 2 = this event, 1 = nobody can say: the row names the person and no event of his, and may be later than this
-- one. Aid is once per event and applicant: a row for another event of his, or older than this one, takes nothing away.
create or replace temp table aid_row as
with by_number as (
    -- 案号 of a ledger is its own number or that of the case; no number of aid is a number of a case
    select a.file_id, a.row_no, a.part_no, min(c.event_id) as event_id
    from (
        select file_id, row_no, part_no, 1 as kind, origin_case_no as no from rec_aid
        union all
        select file_id, row_no, part_no, 2, origin_unified_no from rec_aid
        union all
        select file_id, row_no, part_no, 1, aid_no from rec_aid where origin_case_no is null
    ) as a
    inner join (
        select 1 as kind, case_no as no, event_id from event_case
        union
        select 2, unified_no, event_id from event_case
    ) as c using (kind, no)
    group by all
)

select
    a.*,
    coalesce(n.event_id, v.event_id) as event_id,
    replace(a.applicant_name, '·', '') as applicant_key,
    replace(a.victim_name, '·', '') as victim_key,
    greatest(a.accepted_on_hi, a.decided_on_hi, a.paid_on_hi) as last_day,
    try_cast(regexp_extract(a.origin_case_no, '[\[(](\d{4})[\])]', 1) as integer) as case_year
from rec_aid as a
left join by_number as n using (file_id, row_no, part_no)
-- an application that tells the case in its own row is for that case
left join (select file_id, row_no, min(event_id) as event_id from victim_row group by all) as v using (file_id, row_no);

create or replace temp table aid_claimant as
select party_id, event_id, name_key, id from victim_party
union
select k.party_id, v.event_id, p.name_key, p.id
from kin_of as k
inner join party as p on k.kin_party_id = p.party_id
inner join victim_party as v on k.party_id = v.party_id;

-- Who is named, by number or by name; a name beside another number is another person.
create or replace temp table aid_named as
select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, true as by_id
from aid_row as a
inner join aid_claimant as v on a.applicant_id = v.id
union
select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, true
from aid_row as a
inner join aid_claimant as v on a.victim_id = v.id
union
select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, true
from aid_row as a
inner join person as q on a.applicant_id = q.id
inner join member as m using (person_id)
inner join household_party as h using (household_id)
inner join victim_party as v on h.party_id = v.party_id
union
select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, false
from aid_row as a
inner join aid_claimant as v on a.applicant_key = v.name_key
where
    (a.applicant_id is null or v.id is null)
    and coalesce(
        starts_with(v.id, split_part(a.applicant_id_partial, '*', 1))
        and ends_with(v.id, regexp_extract(a.applicant_id_partial, '\*([^*]*)$', 1)), true)
union
select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, false
from aid_row as a
inner join aid_claimant as v on a.victim_key = v.name_key
where
    (a.victim_id is null or v.id is null)
    and coalesce(
        starts_with(v.id, split_part(a.victim_id_partial, '*', 1))
        and ends_with(v.id, regexp_extract(a.victim_id_partial, '\*([^*]*)$', 1)), true);

create or replace temp table aid_match as
with tied as (
    select n.*, 2 as certainty
    from aid_named as n
    inner join aid_row as a using (file_id, row_no, part_no)
    where n.event_id = a.event_id
    union
    -- within its event a name is enough, whatever became of its number
    select a.file_id, a.row_no, a.part_no, v.party_id, v.event_id, false, 2
    from aid_row as a
    inner join victim_party as v on a.event_id = v.event_id and a.victim_key = v.name_key
    union
    -- a ledger without numbers names the case by a party of it: 某某被害案, 某某故意伤害案
    select n.*, 2
    from aid_named as n
    inner join aid_row as a using (file_id, row_no, part_no)
    inner join party as p on n.event_id = p.event_id and length(p.name_key) >= 2
    where a.event_id is null and regexp_matches(replace(a.note, '·', ''), p.name_key || '[^,，;；。、救]{0,15}案')
),

untied as (
    select n.*, 1 as certainty
    from aid_named as n
    inner join aid_row as a using (file_id, row_no, part_no)
    inner join case_fact as c using (party_id)
    where
        (n.file_id, n.row_no, n.part_no) not in (select (file_id, row_no, part_no) from tied)
        and coalesce(a.last_day >= c.event_lo, true)
        and coalesce(a.case_year >= year(c.event_lo), true)
        and (
            n.by_id or a.cause is null or c.cause is null
            or list_bool_or(list_transform(c.cause, lambda x: contains(a.cause, regexp_replace(x, '罪$', ''))))
        )
)

from tied
union all
from untied;

create or replace table aid_of as
select distinct m.party_id, a.file_id, a.row_no, a.part_no, a.kind, a.organ, a.state, a.amount, a.decided_on_lo, a.decided_on_hi,
    a.paid_on_lo, a.paid_on_hi, m.certainty
from aid_match as m
inner join aid_row as a using (file_id, row_no, part_no)
order by all;

create or replace table aid_unmatched as
select
    a.file_id,
    count(*) as n_rows,
    count(coalesce(a.applicant_id, a.victim_id)) = 0 as no_id,
    count(coalesce(a.origin_case_no, a.origin_unified_no, a.aid_no)) = 0 as no_case,
    count(a.last_day) = 0 as no_day
from aid_row as a
left join (select distinct file_id from aid_named union select file_id from aid_match) as m using (file_id)
where m.file_id is null and exists (from victim_party)
group by a.file_id
order by a.file_id;
