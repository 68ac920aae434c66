-- One row per household, direction and rule that says anything about the household.
-- kind: hit (certain) | pending (hangs on an undecided hold) | unknown | lost (a hold took it away).
-- Reads hit, lost_hit, missing_fact, witness, clue_pack_rule, fact_involvement, household, link_party, variables
-- pending_keep (grades of injury), pending_grave (directions). Writes clue_candidate.
-- decidable: one fact would turn this unknown rule into a hit, and a case touches the household. Where somebody is dead or
-- so gravely hurt and nothing was paid, the rule that lacks least is open however much it lacks: in pending_grave of
-- everybody, in the other directions of whom a register knows.
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
),
grave as (
    select distinct i.household_id
    from fact_involvement as i
    left join link_party as p using (household_id, party_id)
    where (i.certain or p.n_candidates = 1)  -- of the same name and village, and nobody else is
        and (list_contains(roles, '被害人') or coalesce(claim_injured, false))
        and list_contains(getvariable('pending_keep')::varchar[], harm)
        and (paid = 0 or (paid is null and pay_state = '未赔偿'))
),
lacking as (
    select household_id, rule_id, count(distinct (relation, field)) as n
    from missing_fact
    group by household_id, rule_id
),
nearest as (
    select o.household_id, o.rule_id
    from outcome as o
    join grave using (household_id)
    join touched using (household_id, rule_id)
    join lacking as l using (household_id, rule_id)
    left join household as f using (household_id)
    where o.kind = 'unknown'
        and (f.origin <> 'party' or list_contains(getvariable('pending_grave')::varchar[], o.direction))
    qualify l.n = min(l.n) over (partition by o.household_id, o.direction)
)
select
    o.household_id,
    o.direction,
    o.rule_id,
    o.kind,
    r.trial,
    o.kind = 'unknown' and t.rule_id is not null and (d.rule_id is not null or n.rule_id is not null) as decidable
from outcome as o
join clue_pack_rule as r on r.rule_id = o.rule_id
left join deciding as d on d.household_id = o.household_id and d.rule_id = o.rule_id
left join touched as t on t.household_id = o.household_id and t.rule_id = o.rule_id
left join nearest as n on n.household_id = o.household_id and n.rule_id = o.rule_id;
