-- One row per clue, before the 待核 list is cut to a length one can work through: household and direction, with status, band, score, strength, receiver and rank.
-- Reads clue_band, clue_points, clue_hold_case, clue_strength, clue_resting, hold_row, clue_pack_rule, clue_pack_hold,
-- clue_pack_relation, clue_pack_direction, clue_numbered, household, fact_household, fact_involvement, variable harm_codes
-- (the gravest first). Writes clue_all.
-- restricted: by its own rules and holds; what that means for other clues is decided of those that are listed (protected.sql).
create or replace table clue_all as
with ruled as (
    select
        p.household_id,
        p.direction,
        bool_or(r.urgent and p.kind in ('hit', 'pending')) as urgent,
        bool_or(r.restricts and (p.kind <> 'unknown' or p.decidable)) as restricts,
        bool_or(r.restricts and p.kind <> 'unknown') as spreads,
        bool_or(r.no_crime_detail and (p.kind <> 'unknown' or p.decidable)) as no_crime_detail,
        string_agg(distinct r.receiver, '、' order by r.receiver)
            filter (p.kind <> 'unknown' or p.decidable) as receiver,
        string_agg(distinct r.also, '、' order by r.also)
            filter (p.kind <> 'unknown' or p.decidable) as also
    from (select distinct household_id, direction, rule_id, kind, decidable from clue_points) as p
    join clue_pack_rule as r on r.rule_id = p.rule_id
    group by p.household_id, p.direction
),
held as (
    select
        household_id,
        direction,
        -- in doubt about a protected person only the rows of the clue count, in certainty any row of the household
        bool_or(action = 'restrict' and (outcome = 1 or (unknown = 'restrict' and bears <> 'aside'))) as restricts,
        string_agg(distinct receiver, '、' order by receiver)
            filter (action = 'reroute' and outcome = 1 and bears = 'all') as rerouted
    from clue_hold_case
    group by household_id, direction
),
-- the case that the clue rests on was put aside for another direction: waived, own grave fault
put_aside as (
    select distinct r.household_id, r.direction
    from clue_resting as r
    join clue_pack_relation as n on n.relation = r.relation
    join hold_row as h on h.household_id = r.household_id and h.relation = n.word and h.row_id = r.row_id
    join clue_pack_hold as p on p.hold_id = h.hold_id
    where r.weighed and h.outcome = 1 and p.action = 'hold' and h.direction not in (r.direction, '*')
),
gravity as (
    select
        household_id,
        min(list_position(getvariable('harm_codes'), harm)) as gravest,
        max(accepted_on_lo) as newest
    from fact_involvement
    where list_contains(roles, '被害人')
    group by household_id
),
numbered as (
    select
        b.*,
        c.clue_id,
        h.household_key,
        d.seq as direction_seq,
        d.code as direction_code,
        d.receiver as direction_receiver
    from clue_band as b
    join clue_numbered as c on c.household_id = b.household_id and c.direction = b.direction
    join household as h on h.household_id = b.household_id
    join clue_pack_direction as d on d.direction = b.direction
)
select
    n.clue_id,
    n.household_id,
    n.household_key,
    n.direction,
    n.direction_code,
    n.direction_seq,
    n.status,
    n.status_order,
    -- a clue that hangs on one hold only comes before one that hangs on a fact of its own rules
    n.has_pending,
    n.band,
    n.band_label,
    n.band_seq,
    n.score,
    n.possible_score,
    coalesce(s.strength, '确认') as strength,
    coalesce(r.urgent, false) as urgent,
    coalesce(r.restricts, false) or coalesce(h.restricts, false) as restricted,
    -- that there might be an unattended child is no secret of anybody: its own line stands by the number, no other
    coalesce(r.spreads, false) or coalesce(h.restricts, false) as spreads,
    coalesce(r.no_crime_detail, false) as no_crime_detail,
    n.downgraded,
    coalesce(h.rerouted, r.receiver, n.direction_receiver) as receiver,
    h.rerouted is not null as rerouted,
    r.also,
    row_number() over (
        partition by n.direction
        order by
            -- within a status: which of them comes first, shortlist.sql says
            n.status_order = 2 and not n.has_pending,
            n.band_seq,
            coalesce(s.strength, '确认') = '疑似',
            not coalesce(r.urgent, false),
            n.score desc,
            n.possible_score desc,
            a.household_id is not null,
            -- as many points: the graver harm, then the poorer home, then the newer case
            g.gravest nulls last,
            f.income_pc nulls last,
            g.newest desc nulls last,
            n.household_key
    )::integer as rank
from numbered as n
left join ruled as r using (household_id, direction)
left join held as h using (household_id, direction)
left join clue_strength as s using (household_id, direction)
left join put_aside as a using (household_id, direction)
left join gravity as g using (household_id)
left join fact_household as f on f.household_id = n.household_id
order by n.direction_seq, rank;
