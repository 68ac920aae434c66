-- court_party: one row per person who claims in a row of the court that no other file explains (nth 0; 1 where he does so
-- for somebody dead), and per respondent (nth 3).
-- reads rec_enforcement, rec_case, rec_victim, event_row, event_label; writes court_party (temporary).
-- Variables: claim_causes (civil causes that are of harm or of keep), crime_charges (crimes, the longest first),
-- crime_claim_words (words of a claim for damages of a crime), fatal_words (that somebody died of it), dead_kin (how a note says so of one of the family), alike_charges, organization_words.
-- A row is explained by the number of a case; where its respondent is a suspect of an event that has a victim and it claims
-- a crime's damages; where its applicant stands on the victim's side of an event with the same cause or against the same
-- suspect. Who claims for a crime whose suspect is known and whose victim is not stands in the event of that suspect.
create or replace temp macro cause_stem(said) as regexp_replace(
    regexp_replace(regexp_replace(said, '[(（].*$', ''), '[、,，\s]', '', 'g'), '(?:责任)?(?:纠纷|案件|案)?$', ''
);
create or replace temp macro is_organization(name, kind) as coalesce(kind = 'org', false) or len(list_filter(
    getvariable('organization_words')::varchar[],
    lambda word: name = word or (ends_with(name, word) and length(name) >= length(word) + 2)
)) > 0;

create or replace temp table claimed as
select
    *,
    replace(applicant_name, '·', '') as applicant_key,
    replace(respondent_name, '·', '') as respondent_key,
    coalesce(
        (getvariable('claim_causes')::varchar[])[list_position(
            list_transform(getvariable('claim_causes')::varchar[], lambda c: cause_stem(c)), cause_stem(cause)
        )],
        -- a row without a column for it may name it in its note: 健康权纠纷，九级伤残
        case when cause is null then list_filter(getvariable('claim_causes')::varchar[], lambda c: list_bool_or(list_transform(
            regexp_split_to_array(note, '[,，;；。、]'), lambda said: cause_stem(said) = cause_stem(c)
                or (length(cause_stem(said)) >= 4 and ends_with(cause_stem(c), cause_stem(said)))
        )))[1] end
    ) as civil_cause,
    list_filter(getvariable('crime_charges')::varchar[], lambda c: contains(coalesce(cause, note), regexp_replace(c, '罪$', '')))[1] as charge
from rec_enforcement
where (applicant_name is not null or applicant_id is not null)
    and not is_organization(applicant_name, applicant_id_kind);

create or replace temp table court_row as
select * exclude (charge), civil_cause is null as of_crime, case when civil_cause is null then charge end as charge
from claimed
where civil_cause is not null or charge is not null or list_bool_or(list_transform(
    getvariable('crime_claim_words')::varchar[], lambda w: contains(concat_ws(' ', origin_no, coalesce(cause, note)), w)
));

-- who stands on which side of an event, and what it is about
create or replace temp table event_side as
with placed as (
    select r.*, l.root
    from event_row as r
    inner join event_label as l using (label)
),

side as (
    select p.root, false as victim, c.suspect_id as id, replace(c.suspect_name, '·', '') as name_key
    from rec_case as c
    inner join placed as p on p.kind = 'case' and (c.file_id, c.row_no, c.part_no) = (p.file_id, p.row_no, p.part_no)
    union
    select p.root, true, v.id, replace(v.name, '·', '')
    from rec_victim as v
    inner join placed as p on p.kind = 'victim' and (v.file_id, v.row_no, v.part_no) = (p.file_id, p.row_no, p.part_no)
    where v.role <> '嫌疑人'
    union
    select p.root, true, v.kin_id, replace(v.kin_name, '·', '')
    from rec_victim as v
    inner join placed as p on p.kind = 'victim' and (v.file_id, v.row_no, v.part_no) = (p.file_id, p.row_no, p.part_no)
),

about as (
    select p.root, list(distinct cause_stem(regexp_replace(coalesce(c.charges, c.charges_moved, c.charges_judged), '罪', '', 'g')))
        as causes
    from rec_case as c
    inner join placed as p on p.kind = 'case' and (c.file_id, c.row_no, c.part_no) = (p.file_id, p.row_no, p.part_no)
    group by p.root
)

select s.*, a.causes, s.root in (
    select p.root
    from rec_victim as v
    inner join placed as p on p.kind = 'victim' and (v.file_id, v.row_no, v.part_no) = (p.file_id, p.row_no, p.part_no)
    where v.role = '被害人'
) as has_victim
from side as s
left join about as a using (root)
where s.id is not null or s.name_key is not null;

create or replace temp macro same_person(id, other_id, name_key, other_key) as
    coalesce(id = other_id, false) or (coalesce(name_key = other_key, false) and (id is null or other_id is null));
create or replace temp macro alike(cause, causes) as list_contains(causes, cause_stem(cause)) or (
    list_has_any(list_transform(getvariable('alike_charges')::varchar[], lambda c: cause_stem(regexp_replace(c, '罪$', ''))), causes)
    and list_contains(getvariable('alike_charges')::varchar[], cause)
);

create or replace temp table explained as
select r.file_id, r.row_no
from court_row as r
inner join event_row as e on r.enforcement_no = e.case_no or r.origin_no = e.case_no or r.origin_no = e.unified_no
union
select r.file_id, r.row_no
from court_row as r
inner join event_side as s
    on r.of_crime and not s.victim and s.has_victim
    and same_person(r.respondent_id, s.id, r.respondent_key, s.name_key)
union
select r.file_id, r.row_no
from court_row as r
inner join event_side as v on v.victim and same_person(r.applicant_id, v.id, r.applicant_key, v.name_key)
left join event_side as s
    on v.root = s.root and not s.victim and same_person(r.respondent_id, s.id, r.respondent_key, s.name_key)
where s.root is not null
    or (r.of_crime and (v.causes is null or r.charge is null or list_contains(v.causes, cause_stem(regexp_replace(r.charge, '罪$', '')))))
    or alike(r.civil_cause, v.causes);

-- the event of the suspect who is told to pay, where nothing says who its victim is
create or replace temp table of_suspect as
select r.file_id, r.row_no, min(s.root) as root
from court_row as r
inner join event_side as s
    on r.of_crime and not s.victim and not s.has_victim
    and same_person(r.respondent_id, s.id, r.respondent_key, s.name_key)
    and list_contains(s.causes, cause_stem(regexp_replace(r.charge, '罪$', '')))
group by all;

create or replace temp table court_party as
with fresh as (
    -- the same row in two files is one event
    select r.*, coalesce(s.root, (select coalesce(max(label), 0) from event_row) + dense_rank() over (
        order by coalesce(r.enforcement_no, concat_ws('|', r.applicant_key, r.respondent_key, r.cause, r.claimed))
    )) as root, s.root is null as is_new
    from court_row as r
    left join of_suspect as s using (file_id, row_no)
    where (r.file_id, r.row_no) not in (select (file_id, row_no) from explained)
),

-- 故意伤害罪（致人死亡）: who claims is alive, the victim is one of his family whom the row does not name
told as (
    select *,
        coalesce(nullif(regexp_extract(note, coalesce(getvariable('dead_kin')[1], '^(x)(x)$'), 1), ''),
            regexp_extract(note, coalesce(getvariable('dead_kin')[2], '^(x)(x)$'), 2), '') as lost_kin,
        coalesce(nullif(regexp_extract(note, coalesce(getvariable('dead_kin')[1], '^(x)(x)$'), 2), ''),
            regexp_extract(note, coalesce(getvariable('dead_kin')[2], '^(x)(x)$'), 1), '') as lost_name,
        of_crime and (lost_kin <> '' or coalesce(list_bool_or(list_transform(
            getvariable('fatal_words')::varchar[], lambda w: contains(cause, w))), false)) as of_dead,
        first(applicant_name) over (partition by file_id, row_no order by part_no) as first_name
    from fresh
)

select
    root, is_new, source_id, file_id, row_no, part_no, 0 as nth, enforcement_no as case_no,
    case when of_crime then '被害人' else '申请执行人' end as role,
    case when not of_dead then applicant_name
        when lost_name <> '' then lost_name
        when lost_kin <> '' then first_name || '的' || lost_kin
        else first_name || '的亲属' end as name,
    case when not of_dead then applicant_id end as id,
    case when not of_dead then applicant_id_kind end as id_kind,
    case when not of_dead then applicant_id_partial end as id_partial,
    case when of_dead then '死亡' end as injury,
    coalesce(civil_cause, charge) as charges, filed_on_lo, filed_on_hi,
    -- 机动车交通事故责任（死亡）: what stands behind the cause is said of the claim
    concat_ws(';', note, nullif(regexp_extract(cause, '[(（]([^()（）]*)[)）]', 1), '')) as note
from told
union all by name
select
    root, is_new, source_id, file_id, row_no, part_no, 1 as nth, '近亲属' as role, applicant_name as name,
    applicant_id as id, applicant_id_kind as id_kind, applicant_id_partial as id_partial, nullif(lost_kin, '') as kin_relation
from told
where of_dead
union all by name
select
    root, is_new, source_id, file_id, row_no, part_no, 3 as nth, '被执行人' as role, respondent_name as name,
    respondent_id as id, respondent_id_kind as id_kind, respondent_id_partial as id_partial
from told
where (respondent_name is not null or respondent_id is not null) and is_new
order by root, file_id, row_no, part_no, nth;
drop table claimed;
drop table court_row;
drop table event_side;
drop table explained;
drop table of_suspect;
