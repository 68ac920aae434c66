-- party: one row per person or organisation of an event, with all its roles. reads rec_victim, case_row, event_of_row,
-- court_party;
-- writes party_mention (each time a row names somebody), party, victim_row (victim rows with event and party), kin_of, issue.
create or replace temp table crime as
select event_id from case_row where suspect_name is not null or suspect_id is not null
union
select e.event_id
from rec_victim as v
inner join event_of_row as e
    on e.kind = 'victim' and v.file_id = e.file_id and v.row_no = e.row_no and v.part_no = e.part_no
where v.role in ('被害人', '嫌疑人');

create or replace temp table said as
select
    e.event_id,
    -- who sues beside a crime for what was done to himself is its victim
    case when v.role = '原告' and contains(v.kin_relation, '本人') and e.event_id in (select event_id from crime)
        then '被害人' else v.role end as role,
    v.name, v.id, v.id_kind, v.id_partial, v.sex, v.birth_lo, v.birth_hi,
    v.phone, v.domicile, v.address, v.party_kind, v.is_minor, v.file_id, v.row_no, v.part_no, 0 as nth,
    v.id_cert_level as cert_level,
    -- what only a person has
    coalesce(v.sex, nullif(v.injury, '无人身伤害'), v.disability, v.kin_name, v.kin_id) is not null
        or v.is_minor or v.dead as is_human
from rec_victim as v
inner join event_of_row as e
    on e.kind = 'victim' and v.file_id = e.file_id and v.row_no = e.row_no and v.part_no = e.part_no
where (v.name is not null or v.id is not null) and v.role is not null  -- a role that cannot be read is nobody's
union all by name
select
    e.event_id, '近亲属' as role, v.kin_name as name, v.kin_id as id, v.kin_id_kind as id_kind,
    v.kin_id_partial as id_partial, v.file_id, v.row_no, v.part_no, 1 as nth
from rec_victim as v
inner join event_of_row as e
    on e.kind = 'victim' and v.file_id = e.file_id and v.row_no = e.row_no and v.part_no = e.part_no
where v.kin_name is not null or v.kin_id is not null
union all by name
select
    c.event_id, '嫌疑人' as role, c.suspect_name as name, c.suspect_id as id, c.suspect_id_kind as id_kind,
    c.suspect_id_partial as id_partial, c.sex, c.birth_lo, c.birth_hi, null as phone, null as domicile, c.address,
    case when c.is_organization then '单位' end as party_kind, null::boolean as is_minor, c.file_id, c.row_no, c.part_no,
    2 as nth
from case_row as c
where c.suspect_name is not null or c.suspect_id is not null
union all by name
select
    e.event_id, t.role, t.name, t.id, t.id_kind, t.id_partial, t.file_id, t.row_no, t.part_no, t.nth
from court_party as t
inner join event_of_row as e
    on e.kind = 'court' and t.file_id = e.file_id and t.row_no = e.row_no and t.part_no = e.part_no;

create or replace temp table filled as
select
    *,
    replace(name, '·', '') as name_key,
    -- who is named without a usable id is the only namesake of the event that has one
    coalesce(
        id,
        case when count(distinct id) over (partition by event_id, replace(name, '·', '')) = 1
            then max(id) over (partition by event_id, replace(name, '·', '')) end
    ) as id_filled
from said;

create or replace table party_mention as
select
    dense_rank() over (order by event_id, coalesce('I' || id_filled, 'N' || name_key)) as party_id,
    *
from filled
order by party_id, file_id, row_no, part_no, nth;

create or replace temp table beside_kin as
select distinct file_id, row_no, part_no
from party_mention
where nth = 1;

create or replace table party as
with side as (
    select event_id, bool_or(role in ('被害人', '嫌疑人')) as is_crime
    from party_mention
    group by event_id
)

select
    party_id,
    any_value(event_id) as event_id,
    list_sort(list_distinct(list(role))) as roles,
    -- who sues or petitions where there is neither victim nor suspect: a civil, administrative or petition case
    bool_or(role in ('原告', '申请执行人', '信访人', '申请人')) and not any_value(is_crime) as claims,
    first(name order by nth, file_id, row_no) filter (name is not null) as name,
    replace(first(name order by nth, file_id, row_no) filter (name is not null), '·', '') as name_key,
    any_value(id_filled) as id,
    first(id_kind order by id is null, nth, file_id, row_no) filter (id_kind is not null) as id_kind,
    first(id_partial order by nth, file_id, row_no) filter (id_partial is not null) as id_partial,
    coalesce(
        case when any_value(id_filled) is not null and regexp_full_match(any_value(id_filled), '\d{17}[\dX]')
            then case when try_cast(substr(any_value(id_filled), 17, 1) as int) % 2 = 1 then '男' else '女' end end,
        first(sex order by nth, file_id, row_no) filter (sex is not null)
    ) as sex,
    -- the id may be somebody else's: what the row itself says about the birth date comes first here
    first(birth_lo order by nth, file_id, row_no) filter (birth_lo is not null) as birth_lo_said,
    first(birth_hi order by nth, file_id, row_no) filter (birth_hi is not null) as birth_hi_said,
    try_strptime(substr(any_value(id_filled), 7, 8), '%Y%m%d')::date as birth_id,
    first(sex order by nth, file_id, row_no) filter (sex is not null) as sex_said,
    first(phone order by nth, file_id, row_no) filter (phone is not null) as phone,
    first(domicile order by nth, file_id, row_no) filter (domicile is not null) as domicile,
    first(address order by nth, file_id, row_no) filter (address is not null) as address,
    coalesce(
        first(party_kind order by nth, file_id, row_no) filter (party_kind is not null),
        case when bool_or(id_kind = 'org') then '单位' end,
        case when any_value(id_filled) is not null or bool_or(birth_lo is not null) then '自然人' end,
        -- who has a relative is a person
        case when bool_or((file_id, row_no, part_no) in (select (file_id, row_no, part_no) from beside_kin)) then '自然人' end,
        -- nobody is called 国家, and no person's name is two characters and then 公司
        case when bool_or(len(list_filter(
            getvariable('organization_words')::varchar[],
            lambda word: name = word or (ends_with(name, word) and length(name) >= length(word) + 2)
        )) > 0) then '单位' end,
        case when bool_or(is_human) or bool_or(role = '近亲属') then '自然人' end,
        case when bool_or(regexp_full_match(name, '[' || nullif(getvariable('surnames')::varchar, '') || '][一-鿿]{1,2}'))
            then '自然人' end
    ) as party_kind,
    bool_or(is_minor) as is_minor,
    first(cert_level order by nth, file_id, row_no) filter (cert_level is not null) as cert_level,
    min(file_id) as file_id,
    arg_min(row_no, (file_id, row_no)) as row_no
from party_mention
inner join side using (event_id)
group by party_id
order by party_id;

create or replace table victim_row as
select p.party_id, p.event_id, v.*
from (
    -- what is said of the family is heard as a note
    select * exclude (family) replace (nullif(concat_ws(';', note, family), '') as note) from rec_victim
    union all by name
    select source_id, file_id, row_no, part_no, role, name, id, id_kind, injury, note from court_party where nth = 0
) as v
inner join party_mention as p
    on v.file_id = p.file_id and v.row_no = p.row_no and v.part_no = p.part_no and p.nth = 0
order by p.party_id, v.file_id, v.row_no, v.part_no;

-- kin_of: who is named as a relative of which victim: beside him in his row, or in a row of his own whose note names the
-- victim (系某甲之父), or whose case has one victim only; who sues for a dead victim (附带民事诉讼原告人) is a relative too
create or replace temp table only_victim as
select p.event_id, any_value(p.party_id) as party_id, bool_or(coalesce(v.dead, v.injury = '死亡', false)) as is_dead
from party as p
inner join victim_row as v using (party_id)
where list_contains(p.roles, '被害人')
group by p.event_id
having count(distinct p.party_id) = 1;

create or replace table kin_of as
select distinct v.party_id, k.party_id as kin_party_id, coalesce(r.kin_relation, t.kin_relation) as relation
from party_mention as v
inner join party_mention as k
    on v.file_id = k.file_id and v.row_no = k.row_no and v.part_no = k.part_no and v.nth = 0 and k.nth = 1
left join rec_victim as r on v.file_id = r.file_id and v.row_no = r.row_no and v.part_no = r.part_no
left join court_party as t on k.nth = t.nth and k.file_id = t.file_id and k.row_no = t.row_no and k.part_no = t.part_no
where v.party_id <> k.party_id
union
select distinct v.party_id, k.party_id, null
from party_mention as k
inner join rec_victim as r on k.file_id = r.file_id and k.row_no = r.row_no and k.part_no = r.part_no
inner join party as p on k.party_id = p.party_id
inner join party as v on k.event_id = v.event_id and list_contains(v.roles, '被害人') and v.party_id <> k.party_id
left join only_victim as o on k.event_id = o.event_id
where k.nth = 0 and not list_contains(p.roles, '被害人') and coalesce(p.party_kind, '自然人') = '自然人'
    and (
        (k.role = '近亲属' and (o.party_id = v.party_id or contains(replace(r.note, '·', ''), v.name_key)))
        or (k.role = '原告' and o.party_id = v.party_id and o.is_dead)
    )
order by all;
drop table only_victim;
drop table beside_kin;
-- a company is no household: its rows stay in party, and the list of doubtful rows says so
delete from issue where code = 'PARTY_ORGANIZATION';
insert into issue
select distinct 'PARTY_ORGANIZATION', 'note', m.file_id, m.row_no, null, '被害人是单位，不作为家庭比对'
from party_mention as m
inner join party as p using (party_id)
where p.party_kind = '单位' and m.role = '被害人'
order by all;
drop table said;
drop table crime;
drop table filled;
