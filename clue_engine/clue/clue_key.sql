-- One row per clue and key by which its number is found again in a later scan.
-- Reads clue_status, clue_resting, hold_row, clue_pack_hold, clue_pack_relation, fact_involvement, fact_member, household,
-- person, party, kin_of, event_case, variable number_secret. Writes clue_key.
-- A key is direction, one number of the case, and who: 1 id, 2 name and birth, 3 name, 4 the household. It is hashed with
-- the secret: who holds a register and the case numbers cannot try them all.
-- through: of the victim in whose place a relative is asked; he may stand for several households. known: he has an id.
create or replace table clue_key as
with basis as (
    select household_id, direction, row_id
    from clue_resting
    where relation = 'involvement'
    union
    -- a held clue has no witness row: the rows that holds took out stand for it
    select s.household_id, s.direction, h.row_id
    from clue_status as s
    join hold_row as h on h.household_id = s.household_id and h.direction in (s.direction, '*') and h.outcome = 1
    join clue_pack_relation as n on n.word = h.relation and n.relation = 'involvement'
    join clue_pack_hold as p on p.hold_id = h.hold_id and p.action in ('suppress', 'hold')
    where s.status = '搁置'
),
standing as (
    select
        b.household_id,
        b.direction,
        f.event_id,
        f.party_id,
        f.person_id,
        f.via is not distinct from '近亲属' as through,
        f.accepted_on_lo as day
    from basis as b
    join fact_involvement as f on f.row_id = b.row_id
),
relative as (
    select s.household_id, s.direction, s.event_id, r.party_id, q.person_id, s.day
    from standing as s
    join kin_of as k on k.party_id = s.party_id
    join party as r on r.party_id = k.kin_party_id
    join fact_member as m on m.household_id = s.household_id
    join person as q on q.person_id = m.person_id and (q.id = r.id or replace(q.name, '·', '') = replace(r.name, '·', ''))
    where s.through
),
-- a clue without anybody of its own in a case goes by the members it rests on, else by the head of the household
alone as (
    select s.household_id, s.direction, t.event_id, t.day
    from clue_status as s
    left join standing as t using (household_id, direction)
    anti join relative as r on r.household_id = s.household_id and r.direction = s.direction
    group by all
    having bool_and(coalesce(t.through, true))
),
resting_member as (
    select distinct a.household_id, a.direction, a.event_id, f.person_id, a.day
    from alone as a
    join clue_resting as r on r.household_id = a.household_id and r.direction = a.direction and r.relation = 'member'
    join fact_member as f on f.row_id = r.row_id
),
asked as (
    select household_id, direction, event_id, party_id, person_id, through, day
    from standing
    union all
    select household_id, direction, event_id, party_id, person_id, false, day
    from relative
    union all
    select household_id, direction, event_id, null, person_id, false, day
    from resting_member
    union all
    select a.household_id, a.direction, a.event_id, null, h.head_person_id, false, a.day
    from alone as a
    join household as h on h.household_id = a.household_id
    anti join resting_member as m on m.household_id = a.household_id and m.direction = a.direction
),
namesake as (
    select event_id, replace(name, '·', '') as name
    from party
    where event_id in (select event_id from asked)
    group by all
    having count(*) > 1
),
who as (
    select
        a.household_id,
        a.direction,
        a.event_id,
        a.through,
        a.day,
        h.village,
        coalesce(p.id, q.id) is not null as known,
        [p.id, q.id] as ids,
        [replace(p.name, '·', ''), replace(q.name, '·', '')] as names,
        [p.birth_id, if(p.birth_lo_said = p.birth_hi_said, p.birth_lo_said, null), if(q.birth_lo = q.birth_hi, q.birth_lo, null)]
            as births,
        if(s.name is null, replace(p.name, '·', ''), null) as only_name
    from asked as a
    join household as h on h.household_id = a.household_id
    left join party as p on p.party_id = a.party_id
    left join person as q on q.person_id = a.person_id
    left join namesake as s on s.event_id = a.event_id and s.name = replace(p.name, '·', '')
),
case_ref as (
    select event_id, 'U' as kind, unified_no as no
    from event_case
    where unified_no is not null
    union
    select event_id, 'C', case_no
    from event_case
    where case_no is not null
),
placed as (
    select
        w.*,
        coalesce(c.kind, '-') as kind,
        coalesce(c.no, '-') as no,
        dense_rank() over (
            partition by w.household_id, w.direction
            order by w.through, w.day nulls last, coalesce(w.names[1], w.names[2]), coalesce(w.ids[1], w.ids[2])
        ) as place
    from who as w
    left join case_ref as c on c.event_id = w.event_id
),
spelled as (
    select household_id, direction, through, day, known, place, kind, no, 1 as level, unnest(ids) as whom
    from placed
    union all
    select p.household_id, p.direction, p.through, p.day, p.known, p.place, p.kind, p.no, 2, n.name || '|' || b.birth
    from placed as p, unnest(p.names) as n(name), unnest(p.births) as b(birth)
    union all
    select household_id, direction, through, day, known, place, kind, no, 3,
        -- without a case number the name alone is everybody's
        case when kind <> '-' then only_name else coalesce(names[1], names[2]) || '|' || village end
    from placed
    union all
    select distinct p.household_id, p.direction, false, p.day, false, 1000, p.kind, p.no, 4, h.household_key
    from placed as p
    join household as h on h.household_id = p.household_id
)
select
    household_id,
    direction,
    sha256(
        getvariable('number_secret')
        || sha256(getvariable('number_secret') || concat_ws(chr(31), direction, kind || no, level, whom))
    ) as key,
    bool_and(through) as through,
    min(level)::tinyint as level,
    bool_or(known) as known,
    min(place)::integer as place,
    -- which of its keys gives a new clue its number: of whom it names first, in his earliest case, the surest
    row_number() over (
        partition by household_id, direction
        order by bool_and(through), min(day) nulls last, kind = '-', kind desc, no, min(level), whom
    )::integer as seq
from spelled
where whom is not null
group by household_id, direction, kind, no, level, whom;
