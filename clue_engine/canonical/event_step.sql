-- One step of label propagation: each row takes the smallest label that shares a key with it. Repeated until nothing moves.
create or replace temp table event_label_next as
with of_node as (
    select n.node, min(l.root) as root
    from event_node as n
    inner join event_label as l using (label)
    group by n.node
)

select l.label, least(l.root, coalesce(min(o.root), l.root)) as root
from event_label as l
left join event_node as n using (label)
left join of_node as o using (node)
group by l.label, l.root;
