-- register_person: one row per person of the registers and lists. reads registry_row, rec_listing; writes register_person, listing_row.
-- household_id and person_id are ranks of text keys: the same input gives the same numbers in any order of files.
create or replace temp table place_of_id as
select id_filled as id, min(person_key) as person_key, count(distinct person_key) as n
from registry_row
where id_filled is not null
group by id_filled;

-- A list row finds its person by id; without one, by a name that is unique in its village.
create or replace temp table by_village as
select name_key, town, village, min(person_key) as person_key
from registry_row
where village is not null and name_key is not null
group by all
having count(distinct person_key) = 1;

create or replace table listing_row as
select
    l.*,
    f.snapshot_date,
    replace(l.name, '·', '') as name_key,
    coalesce(
        same.person_key,
        case when one.n = 1 then one.person_key end,
        case when l.id is not null then 'I:' || l.id end,
        case when l.id is null then v.person_key end,
        'N:' || concat_ws('|', l.source_id, coalesce(l.town, ''), coalesce(l.village, ''), coalesce(l.name, ''))
    ) as person_key
from rec_listing as l
inner join input_file as f using (file_id)
-- a list that is a register too (low income) gives both records from one row
left join registry_row as same
    on l.file_id = same.file_id and l.row_no = same.row_no and l.part_no = same.part_no
left join place_of_id as one on l.id = one.id
left join by_village as v
    on l.id is null and replace(l.name, '·', '') = v.name_key and l.town = v.town and l.village = v.village;

create or replace temp table mention as
select
    person_key, name, name_key, id_filled as id, id_kind, id_partial, sex, birth_lo, birth_hi, phone,
    county, town, village, household_key, snapshot_date, file_id, row_no
from registry_row
union all by name
select
    person_key, name, name_key, id, id_kind, id_partial, sex, null::date as birth_lo, null::date as birth_hi, phone,
    null as county, town, village, null as household_key, snapshot_date, file_id, row_no
from listing_row;

create or replace table register_person as
with folded as (
    select
        person_key,
        first(name order by newest) filter (name is not null) as name,
        first(name_key order by newest) filter (name_key is not null) as name_key,
        max(id) as id,
        first(id_kind order by newest) filter (id is not null) as id_kind,
        first(id_partial order by newest) filter (id_partial is not null) as id_partial,
        first(sex order by newest) filter (sex is not null) as sex_said,
        first(birth_lo order by newest) filter (birth_lo is not null) as birth_lo_said,
        first(birth_hi order by newest) filter (birth_hi is not null) as birth_hi_said,
        first(phone order by newest) filter (phone is not null) as phone,
        first(county order by newest) filter (county is not null) as county,
        first(town order by newest) filter (town is not null) as town,
        first(village order by newest) filter (village is not null) as village
    from (
        select *, (coalesce(-epoch(snapshot_date), 0), file_id, row_no) as newest from mention
    )
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
