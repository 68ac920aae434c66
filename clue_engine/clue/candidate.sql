-- One row per household, direction and rule that says anything about the household.
-- kind: hit (certain) | pending (hangs on an undecided hold) | unknown | lost (a hold took it away).
-- Reads hit, lost_hit, missing_fact, witness, clue_pack_rule. Writes clue_candidate.
-- decidable: one fact would turn this unknown rule into a hit, and a case touches the household.
create or replace table clue_candidate as
with outcome as (
    select household_id, direction, rule_id,
        case when outcome = 1 and not coalesce(pending, false) then 'hit'
             when outcome = 1 then 'pending'
             else 'unknown' end as kind
    from hit
    where outcome in (1, 2)
    union all
    select lost.household_id, lost.direction, lost.rule_id, 'lost' as kind
    from lost_hit as lost
    anti join hit on hit.household_id = lost.household_id and hit.rule_id = lost.rule_id and hit.outcome = 1
    where lost.outcome = 1
),
deciding as (
    select distinct household_id, rule_id
    from missing_fact
    where decides
),
touched as (
    select distinct household_id, rule_id
    from witness
    where relation in ('involvement', '涉案')
)
select
    o.household_id,
    o.direction,
    o.rule_id,
    o.kind,
    r.trial,
    o.kind = 'unknown' and d.rule_id is not null and t.rule_id is not null as decidable
from outcome as o
join clue_pack_rule as r on r.rule_id = o.rule_id
left join deciding as d on d.household_id = o.household_id and d.rule_id = o.rule_id
left join touched as t on t.household_id = o.household_id and t.rule_id = o.rule_id;
