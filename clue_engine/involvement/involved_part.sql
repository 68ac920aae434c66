-- involved_part: one row per household and party in it, with the part that it is in the ledger: the applicant in the case.
-- Reads part_key, known_part_key (of earlier scans). Writes involved_part.
-- One person in two households is one part. As with numbers: a dead victim's key found through his relatives finds only
-- what stood in his own name; two of one name who have ids are who their ids say.
create or replace table involved_part as
with met as (
    select
        k.household_id,
        k.party_id,
        arg_min(o.part, (k.through or o.through, greatest(k.level, o.level), o.since, o.part)) as part
    from part_key as k
    join known_part_key as o on o.key = k.key
    where not (k.through and o.through)
        and not (k.level = 3 and k.known and o.known)
    group by k.household_id, k.party_id
),
fresh as (
    select household_id, party_id, 'P' || left(arg_min(key, (through, level, key)), 15) as part
    from part_key
    group by household_id, party_id
)
select
    f.household_id,
    f.party_id,
    coalesce(m.part, f.part) as part
from fresh as f
left join met as m using (household_id, party_id)
order by f.household_id, f.party_id;
