-- pair: candidate pairs of a party and a registered person, each with the first tier that finds it.
-- reads party, register_person; writes pair. Tiers and vetoes as measured on synthetic registers (F1 .98 with tiers alone):
-- T1 same id (the name is checked afterwards) · T2 damaged or masked id fits + same name · T3 name + birth date + place ·
-- T4 name + phone · T5 name + village + sex + birth year ±1. T2-T5 never against a sex or a valid, different id.
create or replace temp table someone as
select
    *,
    coalesce(birth_lo_said, birth_id) as birth_lo,
    coalesce(birth_hi_said, birth_id) as birth_hi,
    concat_ws(' ', domicile, address) as place,
    split_part(id_partial, '*', 1) as id_head,
    regexp_extract(id_partial, '\*([^*]*)$', 1) as id_tail
from party
where coalesce(party_kind, '自然人') = '自然人';

create or replace temp table same_name as
select
    s.party_id,
    q.person_id,
    s.id as party_id_no,
    q.id as person_id_no,
    -- place: unknown on one side is no contradiction
    s.place = '' or q.county is null or contains(s.place, q.county)
        or (q.town is not null and contains(s.place, q.town)) as place_fits,
    q.village is not null and contains(s.place, q.village)
        and (q.town is null or contains(s.place, q.town) or (q.n_towns <= 1 and not regexp_matches(s.place, '[乡镇]|街道'))) as village_same,
    s.birth_lo = q.birth_lo and s.birth_hi = q.birth_hi and s.birth_lo = s.birth_hi as birth_same,
    abs(date_diff('year', s.birth_lo, q.birth_lo)) <= 1 as birth_near,
    s.birth_lo is not null and q.birth_lo is not null and (s.birth_hi < q.birth_lo or s.birth_lo > q.birth_hi) as birth_differs,
    s.phone = q.phone as phone_same,
    s.sex = q.sex as sex_same,
    s.id is null and s.id_partial is not null and q.id is not null
        and starts_with(q.id, s.id_head) and ends_with(q.id, coalesce(s.id_tail, '')) as partial_fits,
    length(s.id_head) + length(coalesce(s.id_tail, '')) as partial_digits
from someone as s
inner join (
    select r.*, (select count(distinct o.town) from register_person as o where o.village = r.village) as n_towns
    from register_person as r
) as q on s.name_key = q.name_key
where not coalesce(s.sex_said <> q.sex, false)
    and not coalesce(s.id <> q.id and levenshtein(s.id, q.id) > 2, false);

create or replace temp table pair as
with found as (
    select s.party_id, q.person_id, 1 as tier
    from someone as s
    inner join register_person as q on s.id = q.id
    union all
    select
        party_id,
        person_id,
        case
            -- six digits of an area are shared by a whole county: then the birth date must agree
            when partial_fits and not birth_differs and (partial_digits >= 8 or birth_same) then 2
            when birth_same and place_fits then 3
            when phone_same and not birth_differs then 4
            when village_same and sex_same and birth_near then 5
            -- a namesake in the village of whom nothing else is known: a person must look
            when village_same and coalesce(sex_same, true) and birth_near is null then 8
        end as tier
    from same_name
)

select party_id, person_id, min(tier) as tier
from found
where tier is not null
group by all
order by all;
