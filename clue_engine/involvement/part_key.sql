-- part_key: one row per household and party in it, and key by which the two are found again in a later scan.
-- A part is one applicant in one case; a key is one number of the case and who: 1 id, 2 name and birth, 3 name, 4 the
-- household (only where nothing else is known). As clue_key, hashed with the secret of the numbers, but of no direction.
-- Reads household_party, party, person, kin_of, member, household, event_case, variable number_secret. Writes part_key.
-- through: of the victim in whose place a relative is asked; he may stand for several households. known: he has an id.
create or replace table part_key as
with standing as (
    select
        h.household_id,
        h.party_id,
        h.person_id,
        p.event_id,
        h.via is not distinct from '近亲属' as through
    from household_party as h
    join party as p using (party_id)
),
relative as (
    select s.household_id, s.party_id, r.party_id as who_party_id, q.person_id, s.event_id
    from standing as s
    join kin_of as k on k.party_id = s.party_id
    join party as r on r.party_id = k.kin_party_id
    join member as m on m.household_id = s.household_id
    join person as q on q.person_id = m.person_id and (q.id = r.id or replace(q.name, '·', '') = replace(r.name, '·', ''))
    where s.through
),
asked as (
    select household_id, party_id, party_id as who_party_id, person_id, event_id, through
    from standing
    union all
    select household_id, party_id, who_party_id, person_id, event_id, false
    from relative
    union all
    -- a victim's household in which no named relative is: its head stands for it
    select s.household_id, s.party_id, null, h.head_person_id, s.event_id, false
    from standing as s
    join household as h on h.household_id = s.household_id
    anti join relative as r on r.household_id = s.household_id and r.party_id = s.party_id
    where s.through
),
namesake as (
    select event_id, replace(name, '·', '') as name
    from party
    group by all
    having count(*) > 1
),
who as (
    select
        a.household_id,
        a.party_id,
        a.event_id,
        a.through,
        coalesce(p.id, q.id) is not null as known,
        [p.id, q.id] as ids,
        [replace(p.name, '·', ''), replace(q.name, '·', '')] as names,
        [p.birth_id, if(p.birth_lo_said = p.birth_hi_said, p.birth_lo_said, null), if(q.birth_lo = q.birth_hi, q.birth_lo, null)]
            as births,
        if(s.name is null, replace(p.name, '·', ''), null) as only_name
    from asked as a
    left join party as p on p.party_id = a.who_party_id
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
    select w.*, coalesce(c.kind, '-') as kind, coalesce(c.no, '-') as no
    from who as w
    left join case_ref as c on c.event_id = w.event_id
),
spelled as (
    select household_id, party_id, through, known, kind, no, 1 as level, unnest(ids) as whom
    from placed
    union all
    select p.household_id, p.party_id, p.through, p.known, p.kind, p.no, 2, n.name || '|' || b.birth
    from placed as p, unnest(p.names) as n(name), unnest(p.births) as b(birth)
    union all
    select household_id, party_id, through, known, kind, no, 3, only_name
    from placed
    where kind <> '-'  -- without a case number the name alone is everybody's
    union all
    select p.household_id, p.party_id, false, false, p.kind, p.no, 4, h.household_key
    from placed as p
    join household as h on h.household_id = p.household_id
),
sure as (
    select household_id, party_id
    from spelled
    where whom is not null and level < 4 and not through
)
select
    household_id,
    party_id,
    sha256(
        getvariable('number_secret')
        || sha256(getvariable('number_secret') || concat_ws(chr(31), 'part', kind || no, level, whom))
    ) as key,
    bool_and(through) as through,
    min(level)::tinyint as level,
    bool_or(known) as known
from spelled
where whom is not null and (level < 4 or (household_id, party_id) not in (select (household_id, party_id) from sure))
group by household_id, party_id, kind, no, level, whom;
