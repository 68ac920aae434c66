-- registry_row: one row per row of a household register, with the keys of its household and of its person.
-- reads rec_registry, input_file; writes registry_row.
-- A list without household numbers (a low-income list) still names real households: place + head; where such a household
-- shares a person with a numbered one it is that household.
create or replace temp table numbered as
select
    r.*,
    f.snapshot_date,
    f.name as file_name,
    coalesce(f.snapshot_date = max(f.snapshot_date) over (partition by r.source_id), true) as is_newest,
    replace(r.name, '·', '') as name_key,
    -- A damaged head id must not split a household: take the only one that stands beside this head elsewhere.
    coalesce(
        r.head_id,
        case when count(distinct r.head_id) over same_head = 1 then max(r.head_id) over same_head end
    ) as head_id_filled
from rec_registry as r
inner join input_file as f using (file_id)
window same_head as (partition by r.source_id, r.town, r.village, r.head_name);

create or replace temp table keyed as
select
    * exclude (head_id_filled),
    case
        when household_no is not null then 'H:' || household_no
        else 'L:' || concat_ws('|', source_id, coalesce(town, ''), coalesce(village, ''), coalesce(head_name, name, ''))
            || '|' || dense_rank() over (
                partition by source_id, town, village, coalesce(head_name, name) order by head_id_filled nulls last
            )
    end as first_key
from numbered;

-- The same person: by id; without a usable one, by name within the household, where one namesake with an id stands in for it.
create or replace temp table person_keyed as
with filled as (
    select
        *,
        coalesce(
            id,
            case when count(distinct id) over same_name = 1 then max(id) over same_name end
        ) as id_filled
    from keyed
    window same_name as (partition by first_key, name_key)
),

shared as (
    select id_filled
    from filled
    where id_filled is not null
    group by id_filled
    having count(distinct name_key) > 1
)

select
    f.* exclude (id_filled),
    f.id_filled,
    case
        when f.id_filled is null
            then 'N:' || f.first_key || '|' || coalesce(f.name_key, '') || '|' || coalesce(f.birth_lo::varchar, '')
        when s.id_filled is not null then 'I:' || f.id_filled || '#' || coalesce(f.name_key, '')
        else 'I:' || f.id_filled
    end as person_key
from filled as f
left join shared as s using (id_filled);

-- List households that share a person with a numbered household (the one that shares most) are that household.
create or replace temp table list_to_number as
with shared as (
    select l.first_key, h.first_key as target, count(distinct l.person_key) as n
    from person_keyed as l
    inner join (select distinct person_key, first_key from person_keyed where household_no is not null) as h
        on l.person_key = h.person_key
    where l.household_no is null and l.id_filled is not null
    group by all
)

select first_key, target
from shared
qualify row_number() over (partition by first_key order by n desc, target) = 1;

-- Two lists that name the same person without a number: the smaller key stands for both.
create or replace temp table list_to_list as
select l.first_key, min(o.first_key) as target
from person_keyed as l
inner join person_keyed as o on l.person_key = o.person_key
where l.household_no is null and o.household_no is null and l.id_filled is not null
group by l.first_key;

create or replace table registry_row as
select
    p.* exclude (first_key),
    coalesce(n.target, n2.target, l.target, p.first_key) as household_key
from person_keyed as p
left join list_to_number as n on p.first_key = n.first_key
left join list_to_list as l on p.first_key = l.first_key
left join list_to_number as n2 on l.target = n2.first_key
order by household_key, person_key, file_id, row_no, part_no;
drop table numbered;
drop table keyed;
drop table person_keyed;
drop table list_to_number;
drop table list_to_list;
