-- event_label: one row per case or victim row, with the smallest row that hangs together with it (root).
-- reads event_row, event_node; writes event_label and event_edge (row and key, both ways), temporary.
-- Rows and keys are the points of a graph, numbered in one sequence, rows first. Whoever got a smaller root tells his
-- neighbours; it ends when nobody has anything to tell: after as many rounds as the longest chain of keys has links.
create or replace temp table event_edge as
with point as (
    select label, (select count(*) from event_row) + dense_rank() over (order by node) as key_label
    from event_node
)

select label as one, key_label as other from point
union all
select key_label, label from point;

create or replace temp table event_label as
with recursive component (label, root) using key (label) as (
    select label, label as root
    from (
        select label from event_row
        union
        select one from event_edge
    )
    union
    select e.other as label, min(c.root) as root
    from component as c
    inner join event_edge as e on c.label = e.one
    inner join recurring.component as r on e.other = r.label
    where c.root < r.root
    group by e.other
)

select label, root
from component
where label in (select label from event_row);
