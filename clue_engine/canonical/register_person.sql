-- register_person: one row per person of the registers and lists. reads registry_key, household_number, file_order,
-- rec_registry, rec_listing;
-- writes register_person, listing_row, registry_row (row of a register -> household and person).
-- household_id and person_id are ranks of text keys: the same input gives the same numbers in any order of files.
-- A list row finds its person by id (the key of a person whose id is his alone); without one, by a name that is unique
-- in its village.
create or replace temp table by_village as
select k.name_key, r.town, r.village, min(k.person_key) as person_key
from registry_key as k
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
        case when l.id is not null then 'I:' || l.id end,
        case when l.id is null then v.person_key end,
        'N:' || concat_ws('|', l.source_id, coalesce(l.town, ''), coalesce(l.village, ''), coalesce(l.name, ''))
    ) as person_key
from rec_listing as l
inner join file_order as f using (file_id)
-- a list that is a register too (low income) gives both records from one row
left join registry_key as same
    on l.file_id = same.file_id and l.row_no = same.row_no and l.part_no = same.part_no
left join by_village as v
    on l.id is null and replace(l.name, '·', '') = v.name_key and l.town = v.town and l.village = v.village;

create or replace temp table person_number as
select person_key, row_number() over (order by person_key) as person_id, count(*) as n_said
from (
    select person_key from registry_key
    union all
    select person_key from listing_row
)
group by person_key;

create or replace table registry_row as
select
    k.record, k.file_id, k.row_no, k.part_no, k.is_newest, k.newest, k.id_filled, p.person_id, p.n_said, h.household_id, h.is_gone
from registry_key as k
inner join person_number as p on k.person_key = p.person_key
inner join household_number as h on k.household_key = h.household_key;

create or replace temp view mention as
select
    k.person_id, k.n_said, r.name, replace(r.name, '·', '') as name_key, k.id_filled as id, r.id_kind, r.id_partial, r.sex,
    r.birth_lo, r.birth_hi, r.phone, r.county, r.town, r.village, k.newest - k.part_no as newest
from registry_row as k
inner join rec_registry as r on k.record = r.rowid
union all by name
select
    p.person_id, p.n_said, l.name, l.name_key, l.id, l.id_kind, l.id_partial, l.sex, null::date as birth_lo,
    null::date as birth_hi, l.phone, null as county, l.town, l.village, l.newest
from listing_row as l
inner join person_number as p on l.person_key = p.person_key;

create or replace table register_person as
with folded as (
    -- most persons are named once: nothing to fold
    select
        person_id, name, name_key, id, case when id is not null then id_kind end as id_kind, id_partial, sex as sex_said,
        birth_lo as birth_lo_said, birth_hi as birth_hi_said, phone, county, town, village
    from mention
    where n_said = 1
    union all by name
    select
        person_id,
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
    where n_said > 1
    group by person_id
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
    f.person_id,
    p.person_key,
    f.name,
    f.name_key,
    f.id,
    f.id_kind,
    f.id_partial,
    coalesce(f.sex_id, f.sex_said) as sex,
    coalesce(f.birth_id, f.birth_lo_said) as birth_lo,
    coalesce(f.birth_id, f.birth_hi_said) as birth_hi,
    f.phone,
    f.county,
    f.town,
    f.village
from from_id as f
inner join person_number as p on f.person_id = p.person_id
order by f.person_id;
drop table by_village;
drop view mention;
drop table person_number;
drop table registry_key;
