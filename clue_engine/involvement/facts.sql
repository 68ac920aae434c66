-- The remaining fact tables. reads member, person, household, household_words, listing_row, listed_person, disability_of,
-- case_fact, household_party, text_fact, fact_involvement, aid_of, register_household, registry_row, parent_state, rec_family, rec_listing, rec_payment,
-- record_column, raw_column, kind_column, rec_registry, input_file, issue; writes death_of, subsidised, fact_member, fact_kin, fact_hardship, fact_aid, fact_household, coverage.
create or replace table death_of as
select household_id, person_id, min(died_lo) as died_lo, min(died_hi) as died_hi
from fact_involvement
where alive = '死亡' and certain and person_id is not null and list_contains(roles, '被害人')
group by all;

-- who is paid the subsidies of disabled persons; of one whose amounts are zero they have been stopped
create or replace table subsidised as
select distinct person_id
from listed_person
where list = '残疾人补贴' and (living_subsidy > 0 or care_subsidy > 0 or (living_subsidy is null and care_subsidy is null))
order by person_id;

-- a view: 98 of 100 households have no case and are seldom asked about; a reader that says which it wants gets those
create or replace view fact_member as
with loaded as (
    select count(*) filter (kind = 'registry' and field = 'school') > 0 as school,
        count(*) filter (kind = 'listing' and field = 'cert_level') > 0
            and exists (from rec_listing where list = '残疾') as disability,
        exists (from rec_listing where list = '残疾人补贴') as subsidy
    from record_column
)

select
    m.member_id as row_id,
    m.household_id,
    true as certain,
    m.person_id,
    null::bigint as event_id,
    p.name,
    p.sex,
    p.birth_lo,
    p.birth_hi,
    m.relation,
    m.labour,
    m.health,
    case when d.person_id is not null then '死亡' else '在世' end as alive,
    d.died_lo,
    d.died_hi,
    coalesce(m.school, case when c.school and m.kin_source = '户籍同册' then '非在校' end) as school,
    m.dropout,
    m.working,
    m.wage,
    m.dibao,
    m.tekun,
    coalesce(
        z.cert_level, m.cert_level,
        case when c.disability and p.id is not null then '无证' end
    ) as cert_level,
    coalesce(z.cert_kind, case when m.cert_kind is not null then [m.cert_kind] end) as cert_kind,
    null::boolean as veteran,
    m.kin_source,
    s.father_state,
    s.mother_state,
    case when b.person_id is not null then true when c.subsidy and p.id is not null then false end as subsidised
from member as m
inner join person as p using (person_id)
left join death_of as d using (household_id, person_id)
left join disability_of as z using (person_id)
left join parent_state as s using (person_id)
left join subsidised as b using (person_id)
cross join loaded as c;

-- Kinship as far as 与户主关系 says it: grandchildren only where one child can be the parent.
create or replace temp table role_of as
select household_id, person_id, relation,
    count(*) filter (relation in ('之子', '之女')) over (partition by household_id) as children,
    count(*) filter (relation in ('之儿媳', '之女婿')) over (partition by household_id) as in_laws
from member
where relation is not null;

create or replace table fact_kin as
with parent_of as (
    select c.household_id, c.person_id, p.person_id as other_person_id
    from role_of as c
    inner join role_of as p on c.household_id = p.household_id and c.person_id <> p.person_id
    where (c.relation in ('之子', '之女') and p.relation in ('户主', '配偶'))
        or (c.relation = '户主' and p.relation in ('之父', '之母'))
        or (c.relation = '配偶' and p.relation in ('之岳父母', '之公婆'))
        or (c.relation = '之兄弟姐妹' and p.relation in ('之父', '之母'))
        or (c.relation = '之孙子女' and c.children = 1 and c.in_laws <= 1
            and p.relation in ('之子', '之女', '之儿媳', '之女婿'))
    union
    -- a list of children names them
    select c.household_id, c.person_id, p.person_id
    from registry_row as c
    inner join registry_row as p
        on c.file_id = p.file_id and c.row_no = p.row_no and c.household_id = p.household_id
        and p.part_no in (c.part_no + 100, c.part_no + 200) and c.person_id <> p.person_id and c.part_no < 100
    where c.file_id in (select file_id from rec_family)
),

spouse_of as (
    select a.household_id, a.person_id, b.person_id as other_person_id
    from role_of as a
    inner join role_of as b on a.household_id = b.household_id and a.person_id <> b.person_id
    where (a.relation = '户主' and b.relation = '配偶')
        or (a.relation = '配偶' and b.relation = '户主')
        or (a.children = 1 and a.in_laws = 1 and a.relation in ('之子', '之女') and b.relation in ('之儿媳', '之女婿'))
        or (a.children = 1 and a.in_laws = 1 and a.relation in ('之儿媳', '之女婿') and b.relation in ('之子', '之女'))
)

select household_id, person_id, '父母' as link, other_person_id from parent_of
union
select household_id, other_person_id, '子女', person_id from parent_of
union
select household_id, person_id, '配偶', other_person_id from spouse_of
order by all;

create or replace table fact_hardship as
select
    row_number() over (order by m.household_id, l.file_id, l.row_no, l.part_no) as row_id,
    m.household_id,
    true as certain,
    m.person_id,
    null::bigint as event_id,
    l.list,
    l.since_lo,
    l.since_hi,
    l.upto_lo,
    l.upto_hi,
    l.level,
    l.household_wide,
    l.file_id,
    l.row_no
from listed_person as l
inner join member as m using (person_id)
-- whose benefit has ended on a day that nobody wrote down is on no list
where l.list is not null and (l.upto_lo is not null or not coalesce(l.ended, false))
order by row_id;

create or replace table fact_aid as
select
    row_number() over (order by i.household_id, a.file_id, a.row_no, a.part_no, i.row_id) as row_id,
    i.household_id,
    true as certain,
    i.person_id,
    i.event_id,
    a.kind,
    case when a.certainty = 2 then true end as same_event,
    a.state,
    a.decided_on_lo,
    a.decided_on_hi,
    a.paid_on_lo,
    a.paid_on_hi,
    a.amount,
    a.organ,
    a.file_id,
    a.row_no
from aid_of as a
inner join fact_involvement as i using (party_id)
order by row_id;

create or replace temp table low_list as
select household_id,
    bool_or(list = '低保') as dibao,
    bool_or(list = '特困') as tekun,
    -- of the whole household: what one of them gets does not keep the others
    min(since_lo) filter (list in ('低保', '特困') and household_wide) as since_lo,
    arg_min(since_hi, since_lo) filter (list in ('低保', '特困') and household_wide) as since_hi
from fact_hardship
group by household_id;

-- which registers have a column for each kind of help
create or replace temp table measure_column as
select
    list(distinct f.source_id) filter (c.field = 'measure_industry') as industry,
    list(distinct f.source_id) filter (c.field = 'measure_job') as job,
    list(distinct f.source_id) filter (c.field = 'measure_finance') as finance,
    list(distinct f.source_id) filter (c.field = 'measure_post') as post,
    list(distinct f.source_id) filter (c.field = 'measure_education') as education,
    list(distinct f.source_id) filter (c.field = 'measure_health') as health,
    list(distinct f.source_id) filter (c.field = 'measure_society') as society,
    list(distinct f.source_id) filter (c.field = 'measure_security') as security
from record_column as c
inner join input_file as f using (file_id)
where c.kind = 'registry';

-- What members paid for treatment themselves, by calendar year, the dearest year. The same line of overlapping lists counts
-- once; a line for the whole year and those of its months do not add up; a line without a day is of its own list.
create or replace temp table paid_by_home as
with line as (
    select distinct
        p.id, replace(p.name, '·', '') as name_key, coalesce(year(p.paid_on_lo), year(f.snapshot_date), -p.file_id) as of_year,
        p.paid_on_lo, p.paid_on_hi, p.own_payment, coalesce(p.paid_on_hi - p.paid_on_lo >= 300, false) as whole
    from rec_payment as p
    left join input_file as f using (file_id)
    where p.id is not null and p.own_payment is not null
),

of_person as (
    select id, name_key, of_year,
        greatest(max(own_payment) filter (whole), sum(own_payment) filter (not whole)) as paid
    from line
    group by all
),

of_home as (
    select m.household_id, o.of_year, sum(o.paid) as paid
    from of_person as o
    inner join person as q on o.id = q.id and (o.name_key = q.name_key or o.name_key is null or q.name_key is null)
    inner join member as m using (person_id)
    group by all
)

select household_id, max(paid) as paid
from of_home
group by household_id;

-- Whom a register with a column for it does not name as monitored is not: of the place that the register is of. One town
-- or one village in all its rows is its place; of several it is the county's. A column that every row answers (是否监测户)
-- says nothing of whom the register does not have.
create or replace temp table monitoring_list as
select distinct file_id
from record_column
where kind = 'registry' and field = 'monitoring_kind'
    and file_id not in (select file_id from raw_column
        where list_contains(string_split(field, ','), 'registry.monitoring_kind') and regexp_matches(header, '是否|是不是'));

create or replace temp table monitoring_scope as
select distinct
    case when count(distinct town) = 1 then min(town) end as town,
    case when count(distinct village) = 1 then min(village) end as village
from rec_registry
semi join monitoring_list using (file_id)
group by file_id;

create or replace temp table monitoring_register as
select distinct household_id
from registry_row
semi join monitoring_list using (file_id);

create or replace temp table income_said as
select h.household_id, min(try_cast(replace(t.value, '元', '') as double)) as income_pc
from household_party as h
inner join text_fact as t using (party_id)
where t.fact = '人均收入' and h.certain
group by h.household_id
having count(distinct t.value) = 1;

-- what a paper says in words of a household that no register gives it for; two things said are none
create or replace temp table dibao_said as
select h.household_id, bool_or(t.value = '是') as dibao
from household_party as h
inner join text_fact as t using (party_id)
where t.fact = '写明低保' and h.certain
group by h.household_id
having count(distinct t.value) = 1;

create or replace temp table said_not_monitored as
select distinct h.household_id
from household_party as h
inner join text_fact as t using (party_id)
where t.fact = '未纳入监测' and h.certain;

-- a cell that is written and cannot be read says neither yes nor no
create or replace temp table unread_cell as
select
    r.household_id,
    bool_or(contains(c.field, 'registry.monitoring_kind')) as monitoring_kind,
    bool_or(contains(c.field, 'registry.dibao')) as dibao,
    bool_or(contains(c.field, 'registry.tekun')) as tekun
from issue as i
inner join raw_column as c on i.file_id = c.file_id and i.column_name = c.header
inner join registry_row as r on i.file_id = r.file_id and i.row_no = r.row_no
where i.code in ('CODE_UNKNOWN', 'CODE_PROSE') and contains(c.field, 'registry.')
group by r.household_id;

create or replace table fact_household as
with home as (
    select
        h.household_id as row_id,
        h.household_id,
        true as certain,
        h.head_person_id as person_id,
        null::bigint as event_id,
        h.household_no,
        case
            when h.origin = 'party' then '未登记'
            when g.is_gone or w.struck then '曾在册'
            else '在册'
        end as registration,
        h.town,
        h.village,
        case
            when h.origin = 'registry' or list_has_any(g.source_ids, getvariable('rural_sources')) then '农村'
            when w.urban_place then '城镇'
            -- who is called 脱贫户, 一般农户 or one of the monitored kinds is of the country
            when w.rural_place or g.household_type is not null or g.monitoring_kind <> '未纳入' then '农村'
        end as rural,
        case
            when h.origin <> 'party' then false
            when h.county is null or getvariable('own_county') is null then null
            else h.county <> getvariable('own_county')
        end as out_of_county,
        null::boolean as home_monitored,
        coalesce(g.household_type, case when getvariable('type_loaded') and (h.origin <> 'party' or q.id is not null) then '一般农户' end)
            as household_type,
        coalesce(
            g.monitoring_kind,
            case when h.household_id in (select household_id from said_not_monitored) then '未纳入' end,
            case when (h.origin <> 'party' or q.id is not null) and not coalesce(x.monitoring_kind, false) and (
                h.household_id in (select household_id from monitoring_register)
                or exists (
                    select 1 from monitoring_scope as s
                    where (s.town is null or s.town = h.town) and (s.village is null or s.village = h.village)
                )
            ) then '未纳入' end
        ) as monitoring_kind,
        case
            when g.monitoring_kind = '未纳入' and a.header is not null
                then '名册“' || a.header || '”一列写有监测户，此户写的是' || coalesce(g.household_type, '别的')
        end as monitoring_told,
        g.risk_removed,
        g.identified_on_lo,
        g.identified_on_hi,
        g.removed_on_lo,
        g.removed_on_hi,
        g.risks,
        coalesce(g.income, round(g.income_pc * g.size)) as income,
        g.income_pc,
        -- before costs: what is left of it is not more
        least(g.total_income_pc, g.total_income / nullif(coalesce(g.size, n.n), 0), b.income_pc) as income_pc_at_most,
        g.reference_income_pc,
        greatest(g.own_payment, y.paid) as own_payment,
        g.claims,
        coalesce(
            nullif(coalesce(g.dibao, d.dibao, false) or coalesce(l.dibao, false), false),
            case when g.dibao is not null or d.dibao is not null or (h.origin = 'registry' and getvariable('dibao_column'))
                    or (getvariable('dibao_loaded') and (h.origin <> 'party' or q.id is not null))
                then nullif(coalesce(x.dibao, false), true) end
        ) as dibao,
        coalesce(
            nullif(coalesce(g.tekun, false) or coalesce(l.tekun, false), false),
            case when g.tekun is not null or (h.origin = 'registry' and getvariable('tekun_column'))
                    or (getvariable('tekun_loaded') and (h.origin <> 'party' or q.id is not null))
                then nullif(coalesce(x.tekun, false), true) end
        ) as tekun,
        l.since_lo as kept_since_lo,
        l.since_hi as kept_since_hi,
        g.bottom_line,
        g.development_measures,
        coalesce(nullif(trim(g.measure_industry), ''), if(list_has_any(g.source_ids, k.industry), '无', null)) as measure_industry,
        coalesce(nullif(trim(g.measure_job), ''), if(list_has_any(g.source_ids, k.job), '无', null)) as measure_job,
        coalesce(nullif(trim(g.measure_finance), ''), if(list_has_any(g.source_ids, k.finance), '无', null)) as measure_finance,
        coalesce(nullif(trim(g.measure_post), ''), if(list_has_any(g.source_ids, k.post), '无', null)) as measure_post,
        coalesce(nullif(trim(g.measure_education), ''), if(list_has_any(g.source_ids, k.education), '无', null)) as measure_education,
        coalesce(nullif(trim(g.measure_health), ''), if(list_has_any(g.source_ids, k.health), '无', null)) as measure_health,
        coalesce(nullif(trim(g.measure_society), ''), if(list_has_any(g.source_ids, k.society), '无', null)) as measure_society,
        coalesce(nullif(trim(g.measure_security), ''), if(list_has_any(g.source_ids, k.security), '无', null)) as measure_security,
        g.unsafe_house,
        g.notes,
        h.snapshot_date as snapshot,
        coalesce(g.size, n.n) as size,
        coalesce(g.is_gone, false) or w.struck as struck,
        -- who is in no row cannot be ruled out, unless the register lists as many members as it counts
        case when coalesce(n.n >= g.size, true) and (
            h.origin = 'registry'
            or (n.n >= 2 and list_has_any(g.source_ids, getvariable('member_registers')::varchar[]))
        ) then false end as other_dependants,
        other_dependants as other_earners,
        -- for sentences only: clue/household_told.sql writes them for those that are listed
        null::varchar as hardship_told,
        null::varchar as dependants_told
    from household as h
    inner join household_words as w using (household_id)
    left join register_household as g using (household_id)
    left join person as q on h.head_person_id = q.person_id
    left join (
        select r.household_id, min(k.header) as header
        from registry_row as r
        inner join kind_column as k using (file_id)
        group by r.household_id
    ) as a using (household_id)
    left join income_said as b using (household_id)
    left join dibao_said as d using (household_id)
    left join low_list as l using (household_id)
    left join paid_by_home as y using (household_id)
    left join unread_cell as x using (household_id)
    left join (select household_id, count(*)::double as n from member group by household_id) as n using (household_id)
    cross join measure_column as k
)

-- help: a household of a register that has the column and says nothing in it has none, nor has one that the platform
-- does not look after; of any other nobody knows
select * replace (
    -- a register of this county does not say whether another county looks after its household
    case when not coalesce(out_of_county, false) then false end as home_monitored,
    coalesce(measure_industry, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_industry,
    coalesce(measure_job, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_job,
    coalesce(measure_finance, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_finance,
    coalesce(measure_post, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_post,
    coalesce(measure_education, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_education,
    coalesce(measure_health, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_health,
    coalesce(measure_society, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_society,
    coalesce(measure_security, if(monitoring_kind = '未纳入' and household_type = '一般农户', '无', null)) as measure_security
)
from home
order by row_id;

create or replace table coverage as
select * from (values
    ('household', true),
    ('member', true),
    ('involvement', (select count(*) from case_fact) > 0),
    ('aid', getvariable('aid_loaded')),
    ('hardship', (select count(*) from listing_row) > 0)
) as t (relation, loaded);
