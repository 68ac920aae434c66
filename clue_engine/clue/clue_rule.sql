-- One row per clue and rule, ordered by what the rule adds to the score.
-- Reads clue, clue_points, clue_dimension_score, clue_pack_rule, clue_reason. Writes clue_rule.
-- marginal: what the score loses without the rule, under the caps.
create or replace table clue_rule as
with weighed as (
    select
        p.household_id,
        p.direction,
        p.rule_id,
        any_value(p.kind) as kind,
        any_value(p.trial) as trial,
        any_value(p.decidable) as decidable,
        any_value(p.superseded) as superseded,
        sum(p.certain_points)::integer as points,
        sum(p.possible_points)::integer as possible_points,
        coalesce(sum(
            least(d.cap, d.certain_sum) - least(d.cap, d.certain_sum - p.certain_points)
        ), 0)::integer as marginal,
        coalesce(sum(
            least(d.cap, d.possible_sum) - least(d.cap, d.possible_sum - p.possible_points)
        ), 0)::integer as possible_marginal
    from clue_points as p
    left join clue_dimension_score as d using (household_id, direction, dimension)
    group by p.household_id, p.direction, p.rule_id
)
select
    c.clue_id,
    w.rule_id,
    r.version as rule_version,
    r.title,
    w.kind,
    case w.kind when 'unknown' then 2 else 1 end::tinyint as outcome,
    w.kind = 'pending' as pending,
    w.trial,
    w.decidable,
    w.superseded,
    w.points,
    w.possible_points,
    w.marginal,
    row_number() over (
        partition by c.clue_id
        order by
            case w.kind when 'hit' then 1 when 'pending' then 2 when 'lost' then 3 else 4 end,
            w.trial,
            w.marginal desc,
            w.points desc,
            w.possible_marginal desc,
            w.possible_points desc,
            w.rule_id
    )::integer as seq,
    t.reason
from weighed as w
join clue as c using (household_id, direction)
join clue_pack_rule as r on r.rule_id = w.rule_id
left join clue_reason as t on t.household_id = w.household_id and t.owner_id = w.rule_id
order by c.direction_seq, c.rank, seq;
