-- pair: one row per party and registered person who may be the same, with the first tier that finds them.
-- reads party, party_mention, kin_of, legal_event, victim_row, register_person, register_member, registry_row; writes pair, someone (natural
-- persons among the parties) and someone_at (someone and each village of the register in his address), temporary.
-- Tiers and vetoes as measured on synthetic registers (F1 .98 with tiers alone), see tier.sql: T1 the id (the name is
-- checked afterwards), T2-T9 the name and something else, never against a sex or a valid, different id.
-- Each tier is an equi-join on the name *and* its something else: on the name alone, 40,000 parties meet 3.4 million
-- namesakes in a register of 2 million persons, and every doubling of both makes that four times as many.
create or replace temp table someone as
select
    *,
    coalesce(birth_lo_said, birth_id) as birth_lo,
    coalesce(birth_hi_said, birth_id) as birth_hi,
    concat_ws(' ', domicile, address) as place,
    split_part(id_partial, '*', 1) as id_head,
    coalesce(regexp_extract(id_partial, '\*([^*]*)$', 1), '') as id_tail
from party
where coalesce(party_kind, '自然人') = '自然人';

-- Every piece of an address that is as long as a village's name and ends like one is looked up: the same as
-- contains(place, village), without comparing every address with every village.
create or replace temp table someone_at as
with village as (
    select village, count(distinct town) as n_towns from register_person where village is not null group by village
),

form as (
    select distinct length(village) as n, right(village, 1) as ending from village
),

ending as (
    select party_id, place, unnest(range(1, length(place) + 1)) as upto
    from someone
    where name_key is not null
),

named as (
    select distinct e.party_id, v.village, v.n_towns
    from ending as e
    inner join form as f on substr(e.place, e.upto, 1) = f.ending and f.n <= e.upto
    inner join village as v on substr(e.place, e.upto - f.n + 1, f.n) = v.village
)

select n.village, s.party_id, s.name_key, s.place, s.id, s.sex, s.sex_said, s.birth_lo,
    -- no town is named, and the county has one village of that name
    n.n_towns <= 1 and not regexp_matches(s.place, '[乡镇]|街道') as no_town
from named as n
inner join someone as s using (party_id);

create or replace temp table pair as
with family as (
    -- who is named beside somebody as a relative, either way
    select k.party_id, p.name_key from kin_of as k inner join party as p on k.kin_party_id = p.party_id
    union
    select k.kin_party_id, p.name_key from kin_of as k inner join party as p on k.party_id = p.party_id
),

-- several in one cell of a row, of victims or of one victim's family
beside as (
    select distinct a.party_id, b.name_key
    from party_mention as a
    inner join party_mention as b
        on a.file_id = b.file_id and a.row_no = b.row_no and a.part_no <> b.part_no
        and a.nth in (0, 1) and a.nth = b.nth and a.name_key <> b.name_key
),

-- what is written of the case of somebody without a number who lives in a village of the register
told as (
    select s.party_id, concat_ws(' ', any_value(e.all_text), string_agg(v.note, ' '), string_agg(distinct o.name_key, ' ')) as words
    from (select distinct party_id from someone_at where id is null) as s
    inner join party as p using (party_id)
    inner join legal_event as e using (event_id)
    left join victim_row as v on s.party_id = v.party_id
    left join party as o on p.event_id = o.event_id and p.party_id <> o.party_id
    group by s.party_id
),

visible as (
    -- six digits of an area are shared by a whole county; eight of them say something beside a name
    select
        party_id, name_key, birth_lo, birth_hi, sex_said, id_head, id_tail,
        length(id_head) as head_length, length(id_tail) as tail_length
    from someone
    where id is null and id_partial is not null and length(id_head) + length(id_tail) >= 8
),

as_visible as (
    -- the numbers of their namesakes, cut as theirs are
    select
        q.person_id, q.name_key, q.birth_lo, q.birth_hi, q.sex, left(q.id, v.head_length) as id_head,
        right(q.id, v.tail_length) as id_tail, v.head_length, v.tail_length
    from register_person as q
    inner join (select distinct name_key, head_length, tail_length from visible) as v using (name_key)
    where q.id is not null
),

found as (
    select s.party_id, q.person_id, 1 as tier, null as sex_said, null as sex, null as party_id_no, null as person_id_no
    from someone as s
    inner join register_person as q on s.id = q.id
    union all
    select v.party_id, q.person_id, 2, v.sex_said, q.sex, null, null
    from visible as v
    inner join as_visible as q using (name_key, head_length, tail_length, id_head, id_tail)
    where not (v.birth_lo is not null and q.birth_lo is not null and (v.birth_hi < q.birth_lo or v.birth_lo > q.birth_hi))
    union all
    select
        s.party_id, q.person_id,
        case
            when s.id is null and s.id_partial is not null and starts_with(q.id, s.id_head) and ends_with(q.id, s.id_tail) then 2
            -- place: unknown on one side is no contradiction
            when s.place = '' or q.county is null or contains(s.place, q.county)
                or (q.town is not null and contains(s.place, q.town)) then 3
        end,
        s.sex_said, q.sex, s.id, q.id
    from someone as s
    inner join register_person as q on s.name_key = q.name_key and s.birth_lo = q.birth_lo
    where s.birth_lo = s.birth_hi and q.birth_lo = q.birth_hi
    union all
    select s.party_id, q.person_id, 4, s.sex_said, q.sex, s.id, q.id
    from someone as s
    inner join register_person as q on s.name_key = q.name_key and s.phone = q.phone
    where not (s.birth_lo is not null and q.birth_lo is not null and (s.birth_hi < q.birth_lo or s.birth_lo > q.birth_hi))
    union all
    select
        s.party_id, q.person_id,
        case
            when s.sex = q.sex and abs(date_diff('year', s.birth_lo, q.birth_lo)) <= 1 then 5
            -- a namesake in the village of whom nothing else is known: a person must look
            when coalesce(s.sex = q.sex, true) and (s.birth_lo is null or q.birth_lo is null) then 8
        end,
        s.sex_said, q.sex, s.id, q.id
    from someone_at as s
    inner join register_person as q on s.name_key = q.name_key and s.village = q.village
    where q.town is null or contains(s.place, q.town) or s.no_town
    union all
    select m.party_id, q.person_id, 6, m.sex, q.sex, null, null
    from party_mention as m
    inner join registry_row as k
        on m.nth in (0, 1) and m.file_id = k.file_id and m.row_no = k.row_no and m.part_no = k.part_no
    inner join register_person as q on k.person_id = q.person_id and m.name_key = q.name_key
    union all
    select s.party_id, q.person_id, 7, s.sex_said, q.sex, s.id, q.id
    from someone_at as s
    inner join register_person as q on s.name_key = q.name_key and s.village = q.village
    inner join register_member as m on q.person_id = m.person_id
    inner join register_member as o on m.household_id = o.household_id and o.person_id <> q.person_id
    inner join register_person as r on o.person_id = r.person_id
    inner join family as f on s.party_id = f.party_id and r.name_key = f.name_key
    where (q.town is null or contains(s.place, q.town) or s.no_town)
        and not (s.birth_lo is not null and q.birth_lo is not null and abs(date_diff('year', s.birth_lo, q.birth_lo)) > 1)
    union all
    -- the same, where one of the household is named in the words of the case (of three letters: 王平 stands in other words)
    select s.party_id, q.person_id, 7, s.sex_said, q.sex, s.id, q.id
    from someone_at as s
    inner join told as t using (party_id)
    inner join register_person as q on s.name_key = q.name_key and s.village = q.village
    inner join register_member as m on q.person_id = m.person_id
    inner join register_member as o on m.household_id = o.household_id and o.person_id <> q.person_id
    inner join register_person as r on o.person_id = r.person_id and contains(t.words, r.name_key)
    where (q.town is null or contains(s.place, q.town) or s.no_town) and length(r.name_key) >= 3
        and not (s.birth_lo is not null and q.birth_lo is not null and abs(date_diff('year', s.birth_lo, q.birth_lo)) > 1)
    union all
    select s.party_id, q.person_id, 13, s.sex_said, q.sex, s.id, q.id
    from someone as s
    inner join beside as b using (party_id)
    inner join register_person as q on s.name_key = q.name_key
    inner join register_member as m on q.person_id = m.person_id
    inner join register_member as o on m.household_id = o.household_id and o.person_id <> q.person_id
    inner join register_person as r on o.person_id = r.person_id and b.name_key = r.name_key
    where s.id is null
        and not (s.birth_lo is not null and q.birth_lo is not null and (s.birth_hi < q.birth_lo or s.birth_lo > q.birth_hi))
)

select party_id, person_id, min(tier) as tier
from found
where tier is not null
    and not coalesce(sex_said <> sex, false)
    and not coalesce(party_id_no <> person_id_no and levenshtein(party_id_no, person_id_no) > 2, false)
group by all
order by all;
