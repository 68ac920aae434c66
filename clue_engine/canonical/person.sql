-- register_person: one row per person of the registers and lists. reads registry_row, rec_listing; writes register_person, listing_row.
-- household_id and person_id are ranks of text keys: the same input gives the same numbers in any order of files.
create or replace temp table place_of_id as
select id_filled as id, min(person_key) as person_key
from registry_row
where id_filled is not null
group by id_filled
having min(person_key) = max(person_key);

-- A list row finds its person by id; without one, by a name that is unique in its village.
create or replace temp table by_village as
select k.name_key, r.town, r.village, min(k.person_key) as person_key
from registry_row as k
inner join rec_registry as r on k.record = r.rowid
where r.village is not null and k.name_key in (select replace(name, '·', '') from rec_listing where id is null)
group by all
having min(k.person_key) = max(k.person_key);

create or replace table listing_row as
select
    l.*,
    f.snapshot_date,
    f.nth * (1::bigint << 42) + l.row_no * 1024 as newest,
    replace(l.name, '·', '') as name_key,
    coalesce(
        same.person_key,
        one.person_key,
        case when l.id is not null then 'I:' || l.id end,
        case when l.id is null then v.person_key end,
        'N:' || concat_ws('|', l.source_id, coalesce(l.town, ''), coalesce(l.village, ''), coalesce(l.name, ''))
    ) as person_key
from rec_listing as l
inner join file_order as f using (file_id)
-- a list that is a register too (low income) gives both records from one row
left join registry_row as same
    on l.file_id = same.file_id and l.row_no = same.row_no and l.part_no = same.part_no
left join place_of_id as one on l.id = one.id
left join by_village as v
    on l.id is null and replace(l.name, '·', '') = v.name_key and l.town = v.town and l.village = v.village;

create or replace temp table mention as
select
    k.person_key, r.name, k.name_key, k.id_filled as id, r.id_kind, r.id_partial, r.sex, r.birth_lo, r.birth_hi, r.phone,
    r.county, r.town, r.village, k.newest - k.part_no as newest
from registry_row as k
inner join rec_registry as r on k.record = r.rowid
union all by name
select
    person_key, name, name_key, id, id_kind, id_partial, sex, null::date as birth_lo, null::date as birth_hi, phone,
    null as county, town, village, newest
from listing_row;

create or replace table register_person as
with folded as (
    select
        person_key,
        arg_min(name, newest) as name,
        arg_min(name_key, newest) as name_key,
        max(id) as id,
        arg_min(id_kind, newest) filter (id is not null) as id_kind,
        arg_min(id_partial, newest) as id_partial,
        arg_min(sex, newest) as sex_said,
        arg_min(birth_lo, newest) as birth_lo_said,
        arg_min(birth_hi, newest) as birth_hi_said,
        arg_min(phone, newest) as phone,
        arg_min(county, newest) as county,
        arg_min(town, newest) as town,
        arg_min(village, newest) as village
    from mention
    group by person_key
),

from_id as (
    -- GB 11643-1999: digits 7-14 are the birth date, an odd 17th digit is a man
    select
        *,
        try_strptime(substr(id, 7, 8), '%Y%m%d')::date as birth_id,
        case when id is null then null when try_cast(substr(id, 17, 1) as int) % 2 = 1 then '男' else '女' end as sex_id
    from folded
)

select
    row_number() over (order by person_key) as person_id,
    person_key,
    name,
    name_key,
    id,
    id_kind,
    id_partial,
    coalesce(sex_id, sex_said) as sex,
    coalesce(birth_id, birth_lo_said) as birth_lo,
    coalesce(birth_id, birth_hi_said) as birth_hi,
    phone,
    county,
    town,
    village
from from_id
order by person_id;
drop table place_of_id;
drop table by_village;
drop table mention;
