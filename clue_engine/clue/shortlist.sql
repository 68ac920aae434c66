-- Every clue, and which open ones are folded (status 折叠): counted, written to a list of their own, never lost.
-- Reads clue_all, clue_candidate, fact_involvement, fact_household, variables far_last, pending_share and pending_ordinary_share (of
-- the certain clues), pending_settled_least, pending_least, pending_keep (grades of injury). Writes clue_shortlist, clue_count.
-- Never folded: all rules hit and only a hold is open; so grave a harm with nothing paid. The others stand in the order of
-- the list up to the limit, those last whose register tells of no hardship and whose loss is property, who are insured
-- or have settled for more than pending_settled_least of what is due. In the directions of far_last who live in another
-- county take the places that are left: the question is put to its offices, nobody of this county visits them.
create or replace temp table clue_open as
with harmed as (
    select
        household_id,
        bool_or(
            list_contains(getvariable('pending_keep'), harm)
            and (paid = 0 or (paid is null and pay_state = '未赔偿'))
        ) as grave_unpaid,
        bool_or(
            coalesce(payer in ('保险', '单位'), false)
            or (coalesce(settled, false) and coalesce(paid >= due * getvariable('pending_settled_least'), true))
        ) as covered,
        bool_or(harm is not null and harm <> getvariable('no_injury')) as bodily
    from fact_involvement
    where list_contains(roles, '被害人') or claim_injured
    group by household_id
),

asked as (
    select
        a.clue_id, a.household_id, a.has_pending, f.income_pc,
        coalesce(f.out_of_county, false) and list_contains(getvariable('far_last')::varchar[], a.direction) as far
    from clue_all as a
    left join fact_household as f using (household_id)
    where a.status = '待核'
)

select
    s.clue_id,
    s.far,
    coalesce(s.has_pending or h.grave_unpaid, false) and not s.far as kept,
    not s.far and coalesce(h.covered or (s.income_pc is not null and not h.bodily), false) as ordinary
from asked as s
left join harmed as h using (household_id);

create or replace temp table clue_shortlist as
with limits as (
    select
        direction,
        greatest(getvariable('pending_least'), ceil(count(*) filter (status = '线索') * getvariable('pending_share')))
            as most,
        greatest(
            getvariable('pending_least'), ceil(count(*) filter (status = '线索') * getvariable('pending_ordinary_share'))
        ) as most_ordinary
    from clue_all
    group by direction
),
placed as (
    select
        a.direction,
        a.clue_id,
        o.kept,
        o.ordinary,
        -- the kept ones come first and take their place
        row_number() over (partition by a.direction order by not o.kept, o.far, o.ordinary, a.rank) as place,
        row_number() over (partition by a.direction, o.kept, o.ordinary order by a.rank) as place_of_kind
    from clue_all as a
    inner join clue_open as o using (clue_id)
),
folded as (
    select p.clue_id
    from placed as p
    inner join limits as l using (direction)
    where not p.kept and (p.place > l.most or (p.ordinary and p.place_of_kind > l.most_ordinary))
)

select
    a.* exclude (rank) replace (case when f.clue_id is not null then '折叠' else a.status end as status),
    row_number() over (
        partition by a.direction
        order by a.status_order, f.clue_id is not null, o.clue_id is not null and not o.kept, coalesce(o.far, false), coalesce(o.ordinary, false), a.rank
    )::integer as rank
from clue_all as a
left join folded as f using (clue_id)
left join clue_open as o using (clue_id)
order by direction_seq, rank;

create or replace table clue_count as
select c.direction, '信息不足、暂不列出' as what, count(distinct c.household_id) as n
from clue_candidate as c
anti join clue_all as s on s.household_id = c.household_id and s.direction = c.direction
group by c.direction
union all
select direction, case when status = '折叠' then '差一项事实、未列入待核' else status end, count(*)
from clue_shortlist
group by direction, status
order by 1, 2;
