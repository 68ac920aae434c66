-- One row per listed household: what its hardship is told by, and who depends on others there, in words.
-- Reads clue_status, fact_household, fact_hardship, fact_member, fact_involvement, person, variables as_of, adult_age.
-- Writes clue_household_told. Only what a file says: the list, since when, of whom; NULL where no file says anything.
-- Members by their place and surname, children without a name: others than those whom the clue names.
create or replace table clue_household_told as
with home as (
    select distinct household_id
    from clue_status
),
place as (
    select
        m.household_id,
        m.person_id,
        any_value(m.relation order by m.row_id) as relation,
        any_value(m.labour order by m.row_id) as labour,
        bool_or(m.alive <> '在世') as gone,
        any_value(case
            when coalesce(p.birth_hi, p.birth_lo) > getvariable('as_of') - to_years(getvariable('adult_age')) then ''
            else left(p.name, 1) || '某'
        end order by m.row_id) as surname,
        any_value(date_sub('year', coalesce(p.birth_hi, p.birth_lo), getvariable('as_of')) order by m.row_id) as age
    from fact_member as m
    semi join home as h on h.household_id = m.household_id
    join person as p on p.person_id = m.person_id
    group by m.household_id, m.person_id
),
on_list as (
    select
        h.household_id,
        h.list,
        min(h.since_lo) as since,
        list_sort(list_distinct(list(coalesce(p.relation, '') || coalesce(p.surname, '')))) as who,
        count(distinct h.person_id) >= (select count(*) from place as a where a.household_id = h.household_id and not a.gone)
            as all_of_them
    from fact_hardship as h
    semi join home as n on n.household_id = h.household_id
    left join place as p on p.household_id = h.household_id and p.person_id = h.person_id
    where h.list <> '残疾' and (h.upto_hi is null or h.upto_hi >= getvariable('as_of'))
    group by h.household_id, h.list
),
lists as (
    select
        household_id,
        string_agg(
            coalesce(strftime(since, '%Y-%m') || '起', '')
            || case when list in ('低保', '特困') then '享受' || list else '列入' || list || '名单' end
            || '（' || case when all_of_them then '整户' else array_to_string(list_filter(who[1:3], lambda w: w <> ''), '、') end || '）',
            '，' order by since nulls last, list
        ) as told,
        list(list) as named
    from on_list
    group by household_id
),
written as (
    select
        household_id,
        nullif(concat_ws('、',
            case when bool_or(hardship_said) then '生活困难' end,
            case when bool_or(debt_said) then '负债' end,
            case when bool_or(treatment_said or treatment_unmet) then '治疗费用没有着落' end,
            case when bool_or(main_labour_said) then '伤亡的是主要劳动力' end,
            case when bool_or(dependants_said) then '有人要扶养' end
        ), '') as told
    from fact_involvement as f
    semi join home as h on h.household_id = f.household_id
    where list_contains(roles, '被害人')
    group by household_id
),
dependant as (
    select
        p.household_id,
        string_agg(
            coalesce(p.relation, '家人') || p.surname
            || '（' || concat_ws('，', p.age || '岁', case when p.labour in ('无劳动力', '丧失劳动力') then p.labour end) || '）',
            '、' order by p.age, p.person_id
        ) as told
    from place as p
    anti join fact_involvement as f
        on f.household_id = p.household_id and f.person_id = p.person_id and list_contains(f.roles, '被害人')
    where not p.gone and (p.age < getvariable('adult_age') or p.age >= 60 or p.labour in ('无劳动力', '丧失劳动力'))
    group by p.household_id
)
select
    h.household_id,
    nullif(concat_ws('，',
        l.told,
        case when f.dibao and not coalesce(list_contains(l.named, '低保'), false) then '名册记有低保' end,
        case when f.tekun and not coalesce(list_contains(l.named, '特困'), false) then '名册记有特困供养' end,
        case when f.monitoring_kind <> '未纳入' and f.risk_removed = false
            then '防返贫监测：' || f.monitoring_kind || '（风险未消除）' end,
        case when f.reference_income_pc is not null
            then '监测参考人均纯收入' || round(f.reference_income_pc)::bigint || '元（' || strftime(f.snapshot, '%Y-%m') || '名册）'
            when f.income_pc is not null
            then '人均纯收入' || round(f.income_pc)::bigint || '元（' || strftime(f.snapshot, '%Y-%m') || '名册）'
            when f.income_pc_at_most is not null
            then concat('人均收入不超过', round(f.income_pc_at_most)::bigint, '元（', strftime(f.snapshot, '%Y-%m'), '名册，未扣支出）') end,
        '案件材料写明' || w.told
    ), '') as hardship,
    d.told as dependants
from home as h
join fact_household as f on f.household_id = h.household_id
left join lists as l on l.household_id = h.household_id
left join written as w on w.household_id = h.household_id
left join dependant as d on d.household_id = h.household_id
order by h.household_id;
