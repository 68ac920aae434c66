-- One row per clue and missing fact, the one that decides most first, with who holds it.
-- Reads clue, clue_rule, clue_hold, missing_fact, clue_pack_hold, clue_pack_relation, clue_pack_field.
-- Writes clue_missing.
-- A pending clue always names its open question, in the words of the hold: one question, whatever fields it reads.
create or replace table clue_missing as
with asked as (
    select clue_id, rule_id, decidable as decides_clue, possible_points as gain
    from clue_rule
    where not trial and (kind = 'pending' or decidable)
),
found as (
    select
        a.clue_id,
        coalesce(f.label, m.field, '有无' || n.label || '记录') as field_label,
        f.holder,
        m.decides and a.decides_clue as decides,
        a.gain
    from asked as a
    join clue as c on c.clue_id = a.clue_id
    join missing_fact as m on m.household_id = c.household_id and m.rule_id = a.rule_id
    left join clue_pack_relation as n on n.word = m.relation
    left join clue_pack_field as f on f.relation = n.relation and f.word = m.field
    where m.decides
),
held as (
    select h.clue_id, p.ask as field_label, p.holder, p.unknown = 'mark' as decides, 1000 as gain
    from clue_hold as h
    join clue_pack_hold as p on p.hold_id = h.hold_id
    where h.outcome = 2 and h.bears <> 'aside' and h.action <> 'restrict'
),
gathered as (
    select
        clue_id,
        field_label,
        max(holder) as holder,
        bool_or(coalesce(decides, false)) as decides,
        max(gain) as gain
    from (from found union all from held)
    group by clue_id, field_label
)
select
    g.clue_id,
    g.field_label,
    g.holder,
    g.decides,
    row_number() over (
        partition by g.clue_id order by g.decides desc, g.gain desc, g.field_label
    )::integer as seq
from gathered as g
join clue as c on c.clue_id = g.clue_id
order by c.direction_seq, c.rank, seq;
