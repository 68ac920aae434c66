-- household_number: one row per household of the registers; is_gone: the list that named it came again without it.
-- reads registry_key, file_order, rec_registry; writes household_number (temporary) and issue.
-- What a list covers is part of what it is: two exports of one layout are states of one list only where the later one names
-- at least half of the households that the earlier one has in its places, and knows as many states of risk. Else they are two
-- lists, and who is missing on one of them is not struck.
create or replace temp table household_on as
select
    r.source_id,
    k.file_id,
    f.snapshot_date,
    k.household_key,
    coalesce(min(r.town), '') || '|' || coalesce(min(r.village), '') as place,
    bool_or(r.monitoring_kind is not null) as monitored,
    bool_or(r.risk_removed) as removed
from registry_key as k
inner join rec_registry as r on k.record = r.rowid
inner join file_order as f on k.file_id = f.file_id
where r.source_id in (
    select source_id
    from (select distinct source_id, file_id from rec_registry)
    inner join file_order using (file_id)
    group by source_id
    having count(distinct snapshot_date) > 1
)
group by all;

create or replace temp table covered as
with list as (
    select source_id, file_id, snapshot_date, count(distinct removed) as n_risks
    from household_on
    where snapshot_date is not null
    group by all
)

select o.file_id, n.file_id as later_id, h.household_key, s.household_key is not null as is_there
from list as o
inner join list as n
    on o.source_id = n.source_id and n.snapshot_date > o.snapshot_date and n.n_risks >= o.n_risks
inner join household_on as h on o.file_id = h.file_id
inner join (select distinct file_id, place, monitored from household_on) as c
    on n.file_id = c.file_id and h.place = c.place and h.monitored = c.monitored
left join household_on as s on n.file_id = s.file_id and h.household_key = s.household_key;

create or replace temp table later_state as
select file_id, later_id
from covered
group by all
having count(*) filter (is_there) >= 0.5 * count(*);

create or replace temp table household_number as
select
    household_key,
    row_number() over (order by household_key) as household_id,
    not bool_or(is_newest and g.household_key is null) as is_gone
from registry_key as k
left join (
    select distinct c.file_id, c.household_key
    from covered as c
    inner join later_state using (file_id, later_id)
) as g using (file_id, household_key)
group by household_key;

delete from issue where code = 'LISTS_APART';
insert into issue
select distinct
    'LISTS_APART', 'note', n.file_id, null::bigint, null,
    '同一种表样的两份名单，写的不是同一批户，两份并用：不在其中一份上的户不算清退'
from household_on as o
inner join household_on as n
    on o.source_id = n.source_id and n.snapshot_date > o.snapshot_date
anti join later_state as s on o.file_id = s.file_id and n.file_id = s.later_id
order by all;
drop table household_on;
drop table covered;
drop table later_state;
