-- registry_key: one row per row of a household register, with the keys of its household and of its person.
-- reads rec_registry, input_file; writes registry_key and file_order (temporary). Narrow on purpose: the facts
-- stay in rec_registry, found by its rowid (``record``), and are read column by column where they are folded.
-- A list without household numbers (a low-income list) still names real households: place + head; where such a household
-- shares a person with a numbered one it is that household.

-- file_order: which file speaks first, the newest snapshot before older ones
create or replace temp table file_order as
select
    file_id,
    snapshot_date,
    row_number() over (order by snapshot_date desc nulls last, file_id) as nth
from input_file;


-- headed: the head of each row of a register that writes the household's number and the head's on the row of the head at
-- most, where each household begins with its head, or a list's own number (list_household_no) says who is one household. In any other order a household would have two spouses, a child as old as its head,
-- or the file would begin with a member.
create or replace temp table headed as
with bare as (
    select file_id
    from rec_registry
    group by file_id
    having count(household_no) in (0, count(household_no) filter (relation = '户主'))
        and count(household_no) in (0, count(*) filter (relation = '户主'))
        and count(head_id) = count(head_id) filter (relation = '户主') and count(*) filter (relation = '户主') > 0
        and count(relation) >= 0.95 * count(*) and count(list_household_no) in (0, count(*))
),

block as (
    select
        r.rowid as record,
        r.file_id,
        r.relation,
        r.household_no,
        r.village,
        r.head_name,
        r.name,
        r.id,
        try_cast(substr(r.id, 7, 4) as integer) as born,
        coalesce(r.list_household_no, sum((r.relation = '户主')::integer) over (
            partition by r.file_id order by r.row_no, r.part_no rows unbounded preceding
        )::varchar) as nth
    from rec_registry as r
    semi join bare as b on r.file_id = b.file_id
),

head as (
    select file_id, nth, household_no, village, name, id, born
    from block
    where relation = '户主'
),

unsound as (
    select file_id
    from block
    where relation is distinct from '户主' and nth = '0'
    union
    select file_id
    from block
    where relation = '户主'
    group by file_id, nth
    having count(*) > 1
    union
    select file_id
    from block
    where relation = '配偶'
    group by file_id, nth
    having count(*) > 1
    union
    select b.file_id
    from block as b
    inner join head as h on b.file_id = h.file_id and b.nth = h.nth
    where (b.relation in ('之子', '之女') and b.born < h.born + 12) or (b.relation in ('之父', '之母') and b.born > h.born - 12)
)

select b.record, h.household_no, h.village, h.name as head_name, h.id as head_id
from block as b
inner join head as h on b.file_id = h.file_id and b.nth = h.nth
anti join unsound as u on b.file_id = u.file_id
where b.head_name is null or b.head_name = h.name;

-- local_head: the head of each household whose number is a running number of one village or sheet: in another one the same
-- number is another head's. Such a household is told by its head, as one without a number is.
create or replace temp table local_head as
with told as (
    select
        file_id,
        coalesce(village, '') as village,
        household_no,
        coalesce(min(name) filter (relation = '户主'), min(head_name)) as head_name,
        coalesce(min(id) filter (relation = '户主'), min(head_id)) as head_id
    from rec_registry
    where length(household_no) < 8
    group by all
),

apart as (
    select a.file_id, a.village, b.file_id as other_id, b.village as other_village
    from told as a
    inner join told as b
        on a.household_no = b.household_no and (a.file_id <> b.file_id or a.village <> b.village)
        and a.head_name is not null and b.head_name is not null
    group by all
    having count(*) filter (replace(a.head_name, '·', '') <> replace(b.head_name, '·', '')) > 0.5 * count(*)
)

select t.*
from told as t
semi join apart as a on t.file_id = a.file_id and t.village = a.village;

-- known_here: whom another register knows by number under this name in this village, and nobody else there has the name;
-- n_towns: how many towns have a village of that name
create or replace temp table known_here as
with place as (
    select village, count(distinct town) as n_towns from rec_registry where village is not null group by village
)

select replace(r.name, '·', '') as name_key, r.village, min(r.id) as id, min(r.town) as town, any_value(p.n_towns) as n_towns
from rec_registry as r
inner join place as p using (village)
where r.id is not null and r.name is not null
    and exists (select 1 from rec_registry as n where n.id is null and n.village is not null and n.name is not null)
group by all
having min(r.id) = max(r.id);

-- A village form names people without numbers: the number is that of the register, where birth and what is visible agree.
create or replace temp table numbered as
select
    r.rowid as record,
    r.source_id,
    case
        when c.household_no is null then coalesce(r.household_no, h.household_no)
        when c.head_name is null then concat_ws('|', r.file_id, c.village, c.household_no)
    end as household_no,
    r.town,
    r.village,
    coalesce(r.head_name, c.head_name, h.head_name) as head_name,
    coalesce(r.head_id, c.head_id, h.head_id) as head_id,
    r.name,
    replace(r.name, '·', '') as name_key,
    coalesce(r.id, k.id) as id,
    r.birth_lo
from rec_registry as r
left join headed as h on r.rowid = h.record
left join local_head as c
    on r.file_id = c.file_id and coalesce(r.village, h.village, '') = c.village
    and coalesce(r.household_no, h.household_no) = c.household_no
left join known_here as k
    on r.id is null and r.household_no is null and replace(r.name, '·', '') = k.name_key and r.village = k.village
    and coalesce(r.town = k.town, k.n_towns <= 1)
    and (r.id_partial is null or (starts_with(k.id, split_part(r.id_partial, '*', 1))
        and ends_with(k.id, regexp_extract(r.id_partial, '\*([^*]*)$', 1))))
    and coalesce(year(r.birth_lo) <= try_cast(substr(k.id, 7, 4) as integer)
        and year(r.birth_hi) >= try_cast(substr(k.id, 7, 4) as integer), true)
    and (r.sex is null or r.sex = case when try_cast(substr(k.id, 17, 1) as integer) % 2 = 1 then '男' else '女' end);

-- A place that stands on the head's row only holds for the rows of the same head.
create or replace temp table unnumbered as
with own as (
    select *
    from numbered
    where source_id in (select source_id from numbered where household_no is null)
),

place_known as (
    select source_id, head_name, head_id, min(town) as town, min(village) as village
    from own
    where head_id is not null
    group by all
    having count(distinct town) <= 1 and count(distinct village) <= 1
)

select n.* replace (coalesce(n.town, k.town) as town, coalesce(n.village, k.village) as village)
from own as n
left join place_known as k
    on n.source_id = k.source_id and n.head_name is not distinct from k.head_name and n.head_id = k.head_id;

-- A damaged head id must not split a household: take the only one that stands beside this head elsewhere.
create or replace temp table head_known as
select source_id, town, village, head_name, min(head_id) as head_id
from unnumbered
group by all
having min(head_id) = max(head_id);

create or replace temp table list_key as
select
    n.record,
    'L:' || concat_ws('|', n.source_id, coalesce(n.town, ''), coalesce(n.village, ''), coalesce(n.head_name, n.name, ''))
        || '|' || dense_rank() over (
            partition by n.source_id, n.town, n.village, coalesce(n.head_name, n.name)
            order by coalesce(n.head_id, k.head_id) nulls last
        ) as first_key
from unnumbered as n
left join head_known as k
    on n.source_id = k.source_id and n.town is not distinct from k.town and n.village is not distinct from k.village
    and n.head_name is not distinct from k.head_name;

create or replace temp table keyed as
select
    n.record,
    n.household_no,
    n.name_key,
    n.id,
    n.birth_lo,
    coalesce('H:' || n.household_no, l.first_key) as first_key
from numbered as n
left join list_key as l on n.record = l.record and n.household_no is null;

-- The same person: by id; without a usable one, by name within the household, where one namesake with an id stands in for it.
create or replace temp table person_keyed as
with name_known as (
    select first_key, name_key, min(id) as id
    from keyed
    group by all
    having min(id) = max(id)
),

filled as (
    select k.*, coalesce(k.id, n.id) as id_filled
    from keyed as k
    left join name_known as n
        on k.id is null and k.first_key = n.first_key and k.name_key is not distinct from n.name_key
),

shared as (
    select id_filled
    from filled
    where id_filled is not null
    group by id_filled
    having min(name_key) <> max(name_key)
)

select
    f.record,
    f.household_no,
    f.first_key,
    f.name_key,
    f.id_filled,
    case
        when f.id_filled is null
            then 'N:' || f.first_key || '|' || coalesce(f.name_key, '') || '|' || coalesce(f.birth_lo::varchar, '')
        when s.id_filled is not null then 'I:' || f.id_filled || '#' || coalesce(f.name_key, '')
        else 'I:' || f.id_filled
    end as person_key
from filled as f
left join shared as s on f.id_filled = s.id_filled;

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
inner join (
    select person_key, min(first_key) as first_key from person_keyed where household_no is null group by person_key
) as o on l.person_key = o.person_key
where l.household_no is null and l.id_filled is not null
group by l.first_key;

create or replace temp table housed as
select
    p.record,
    r.source_id,
    r.file_id,
    r.row_no,
    r.part_no,
    f.snapshot_date,
    -- rows in the order in which they speak, as one number: file, row, part
    f.nth * (1::bigint << 42) + r.row_no * 1024 + r.part_no as newest,
    p.name_key,
    p.id_filled,
    p.person_key,
    coalesce(n.target, n2.target, l.target, p.first_key) as household_key
from person_keyed as p
inner join rec_registry as r on p.record = r.rowid
inner join file_order as f on r.file_id = f.file_id
left join list_to_number as n on p.first_key = n.first_key
left join list_to_list as l on p.first_key = l.first_key
left join list_to_number as n2 on l.target = n2.first_key;

-- Of a household that stands in exports of several days the last one speaks, source by source.
create or replace temp table newest_of_household as
select source_id, household_key, max(snapshot_date) as snapshot_date
from housed
where source_id in (select source_id from housed group by source_id having count(distinct snapshot_date) > 1)
group by all;

create or replace temp table registry_key as
select h.* exclude (source_id, snapshot_date), coalesce(h.snapshot_date = w.snapshot_date, true) as is_newest
from housed as h
left join newest_of_household as w on h.source_id = w.source_id and h.household_key = w.household_key;

drop table housed;
drop table newest_of_household;
drop table headed;
drop table local_head;
drop table numbered;
drop table unnumbered;
drop table head_known;
drop table list_key;
drop table keyed;
drop table person_keyed;
drop table list_to_number;
drop table list_to_list;
