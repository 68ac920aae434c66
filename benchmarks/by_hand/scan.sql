-- The scan of the subset of rules and holds as a database administrator would write it, over the same fact tables.
-- reads fact_household, fact_member, fact_involvement, fact_hardship, coverage and the variables as_of, income_limit, loss_ratio,
-- usual_income, full_share, heavy_grades, taking_charges; writes by_hand_hit, by_hand_lost, by_hand_witness, by_hand_hold.
-- Rules: J01 J02 J05 J06 J07 J08 J10 J15 J16 N01 N02 T04 T10. Holds: X01 X02 X03 X04 X07 X08 X13 X15.
-- NULL in a boolean is "not known" all along; it ends as outcome 2.
create or replace temp table hand_home as
select
    h.household_id,
    h.monitoring_kind,
    h.registration,
    h.rural,
    h.income,
    h.removed_on_lo,
    h.removed_on_hi,
    h.monitoring_kind in ('脱贫不稳定户', '边缘易致贫户', '突发严重困难户') as monitored,
    case when h.monitoring_kind = '未纳入' then false else not h.risk_removed end as risk_stays,
    case when h.monitoring_kind = '未纳入' then false else h.risk_removed end as risk_gone,
    l.household_id is not null as listed,
    h.dibao,
    h.tekun,
    (h.reference_income_pc is not null and h.reference_income_pc < getvariable('income_limit'))
        or (h.reference_income_pc is null and h.income_pc < getvariable('income_limit')) as income_low,
    h.rural = '城镇' or h.out_of_county or h.struck as not_rural
from fact_household as h
left join (
    select distinct household_id
    from fact_hardship
    where list in ('低保', '低保边缘', '特困', '低收入', '刚性支出困难')
) as l on h.household_id = l.household_id
where h.household_id in (select household_id from fact_involvement);

-- dependants: members who live by others, of the households where somebody died or may have died
create or replace temp table hand_dependant as
select
    household_id,
    person_id,
    alive = '在世' and (
        case
            when date_sub('year', birth_lo, getvariable('as_of')) < 18 then true
            when date_sub('year', birth_hi, getvariable('as_of')) >= 18 then false
        end
        or case
            when date_sub('year', birth_hi, getvariable('as_of')) >= 60 then true
            when date_sub('year', birth_lo, getvariable('as_of')) < 60 then false
        end
        or case when alive = '死亡' then false else labour in ('丧失劳动力', '无劳动力') end
    ) as depends
from fact_member
where household_id in (select household_id from fact_involvement where harm = '死亡' or harm is null);

create or replace temp table hand_left_behind as
select
    i.row_id,
    case
        when i.person_id is null then null
        when bool_or(coalesce(d.depends and d.person_id <> i.person_id, false)) then true
        when not bool_or(d.household_id is not null and d.depends is not false) then false
    end as has_dependant
from fact_involvement as i
left join hand_dependant as d
    on i.household_id = d.household_id
    and (d.person_id <> i.person_id or d.person_id is null or i.person_id is null)
where i.harm = '死亡' or i.harm is null
group by i.row_id, i.person_id;

create or replace temp table hand_row as
with named as (
    select
        i.*,
        list_contains(i.roles, '被害人') as is_victim,
        list_contains(i.roles, '嫌疑人') as is_suspect,
        h.* exclude (household_id),
        b.has_dependant,
        coalesce(i.hardship_said, false) as said_poor,
        coalesce(i.suspect_at_large, false) as at_large,
        i.exe_known and i.exe_none as no_court_case,
        i.paid is not null and i.due is not null as comparable,
        i.paid / nullif(i.due, 0) as paid_share,
        i.harm in ('死亡', '重伤一级', '重伤二级', '重伤(级别不明)') as killed_or_hurt,
        i.harm in ('重伤一级', '重伤二级', '重伤(级别不明)') as badly_hurt,
        i.harm in ('轻伤一级', '轻伤二级', '轻伤(级别不明)') as lightly_hurt,
        case when i.age_at_hi < 18 then true when i.age_at_lo >= 18 then false end as minor,
        case when i.age_at_lo >= 60 then true when i.age_at_hi < 60 then false end as aged,
        h.listed or h.dibao or h.tekun as on_list
    from fact_involvement as i
    inner join hand_home as h on i.household_id = h.household_id
    left join hand_left_behind as b on i.row_id = b.row_id
),

judged as (
    select
        *,
        is_victim and party_kind = '自然人' as suffered,
        (monitored and risk_stays) or on_list or income_low or said_poor as hard,
        case
            when not is_victim
                or harm in ('死亡', '轻伤一级', '轻伤二级', '轻伤(级别不明)', '轻微伤', '无人身伤害')
                then false
            else list_contains(getvariable('heavy_grades'), disability)
        end as disabled,
        case when income is not null then loss >= income * getvariable('loss_ratio')
            else loss >= getvariable('usual_income') * getvariable('loss_ratio') end as loss_big,
        case when income is not null then loss - paid >= income * getvariable('loss_ratio')
            else loss - paid >= getvariable('usual_income') * getvariable('loss_ratio') end as rest_big,
        case when no_court_case then false else exe_state = '执行完毕' or exe_ratio >= getvariable('full_share') end
            as court_full,
        (exe_state is null and exe_ratio is null) or no_court_case as no_court,
        case when no_court_case then false else exe_ratio < getvariable('full_share') end as court_short,
        case when no_court_case then false else
            exe_state = '终结本次执行程序'
            or case
                when getvariable('as_of') > exe_filed_on_hi + 180 then true
                when not getvariable('as_of') > exe_filed_on_lo + 180 then false
            end
        end as court_stuck
    from named
),

weighed as (
    select
        *,
        suffered
            and (
                cause_kind = '财产'
                or (list_has_any(cause, getvariable('taking_charges')) and (harm = '无人身伤害' or harm is null))
            )
            and loss_big and (paid is null or rest_big) as property,
        suffered and harm = '死亡' and (coalesce(main_labour_said, false) or has_dependant) as bereaved,
        case
            when court_full or (no_court and (
                (comparable and paid_share >= getvariable('full_share'))
                or (not comparable and pay_state = '已足额' and (paid is null or paid > 0))
            )) then true
            when (not no_court and not court_full) or (no_court and (
                (comparable and paid_share < getvariable('full_share'))
                or (not comparable and (paid = 0 or pay_state in ('未赔偿', '部分赔偿')))
            )) then false
        end as paid_full
    from judged
)

select
    household_id,
    row_id,
    coalesce(certain, false) as certain,
    monitored,
    risk_stays,
    risk_gone,
    monitoring_kind,
    registration,
    rural,
    not_rural,
    -- holds
    case when applicants_open_lo = applicants_open_hi and applicants_open_lo = 0 then true
        when applicants_open_lo > 0 then false end as x01,
    is_victim and paid_full as x02,
    (is_victim and is_suspect)
        or case when cause_kind <> '道路交通' then false else cause_kind = '道路交通' and fault in ('全责', '主责') end
        or coalesce(regexp_matches(
            regexp_replace(
                summary,
                '(未|无|没有|不存在|排除|不属于|不构成)'
                '(过错在先|双方互殴|互殴|相互殴打|互相殴打|结伙斗殴|聚众斗殴|挑衅在先|对案件发生有重大过错|被害人有过错|被害人先动手)',
                '', 'g'
            ),
            '过错在先|双方互殴|互殴|相互殴打|互相殴打|结伙斗殴|聚众斗殴|挑衅在先|对案件发生有重大过错|被害人有过错|被害人先动手'
        ), false) as x03,
    coalesce(waived, false) as x04,
    is_victim and party_kind = '单位' as x07,
    is_suspect and not is_victim as x13,
    cause_kind = '无被害人' and not is_victim and not is_suspect as x15,
    -- rules, as far as they speak of one row
    bereaved and hard as j01,
    suffered and (badly_hurt or disabled) and hard as j02,
    property and hard as j05,
    suffered and list_has_any(cause, ['诈骗罪', '集资诈骗罪', '合同诈骗罪', '非法吸收公众存款罪', '组织、领导传销活动罪',
        '信用卡诈骗罪', '招摇撞骗罪'])
        and (aged or cert_level in ('一级', '二级', '三级', '四级')) and loss >= 3000 and hard as j06,
    suffered and cause_kind = '道路交通' and (killed_or_hurt or lightly_hurt) and (payer = '无' or at_large) and hard as j07,
    list_has_any(roles, ['被害人', '近亲属', '申请执行人', '原告'])
        and ((suffered and (killed_or_hurt or disabled or coalesce(lost_labour, false))) or property
            or (suffered and lightly_hurt))
        and award > 0 and court_short and court_stuck and hard as j08,
    suffered and minor and (cause_kind = '性侵' or (
        (cause_kind = '人身' or list_has_any(cause, ['强奸罪', '猥亵儿童罪', '强制猥亵、侮辱罪', '强制猥亵罪',
            '负有照护职责人员性侵罪', '虐待罪', '遗弃罪', '虐待被监护、看护人罪', '拐卖妇女、儿童罪', '拐骗儿童罪', '故意伤害罪',
            '故意杀人罪']))
        and (killed_or_hurt or lightly_hurt))) and hard as j10,
    (bereaved or (suffered and badly_hurt) or property or (suffered and cause_kind = '性侵' and minor)) as serious,
    (serious or (suffered and cause_kind = '性侵')) and monitored and risk_stays as j15,
    (serious or (suffered and cause_kind = '性侵')) and (on_list or income_low or said_poor) as j16,
    serious and (hard or disabled) as n01,
    serious and case
        when monitoring_kind = '未纳入' or risk_stays then false
        when event_date_lo > removed_on_hi then true
        when event_date_hi <= removed_on_lo then false
    end as n02,
    suffered and disabled and cert_level = '无证' and not paid_full as t04,
    suffered and cause_kind = '道路交通' and killed_or_hurt and (payer = '无' or at_large) and not paid_full as t10
from weighed;

-- one line per rule and row that the rule does not exclude
create or replace temp table hand_said as
select
    v.rule_id,
    v.direction,
    r.household_id,
    r.row_id,
    v.met,
    v.met and r.certain as sure,
    v.home,
    not coalesce(case v.direction
        when '司法救助线索' then x01 or x02 or x03 or x04 or x07 or x13 or x15
        when '返贫致贫风险线索' then x02 or x07 or x15
        else x07 or x15
    end, false) as alive,
    v.direction <> '社会救助帮扶线索' and x02 is null as marked,
    v.direction = '返贫致贫风险线索' and coalesce(not_rural, false) as home_held
from hand_row as r,
    lateral (values
        ('J01', '司法救助线索', j01, true),
        ('J02', '司法救助线索', j02, true),
        ('J05', '司法救助线索', j05, true),
        ('J06', '司法救助线索', j06, true),
        ('J07', '司法救助线索', j07, true),
        ('J08', '司法救助线索', j08, true),
        ('J10', '司法救助线索', j10, true),
        ('J15', '司法救助线索', j15, true),
        ('J16', '司法救助线索', j16, true),
        ('N01', '返贫致贫风险线索', n01, monitoring_kind = '未纳入' and rural = '农村'),
        ('N02', '返贫致贫风险线索', n02, monitored and risk_gone),
        ('T04', '社会救助帮扶线索', t04, registration = '在册'),
        ('T10', '社会救助帮扶线索', t10, registration = '在册')
    ) as v (rule_id, direction, met, home)
where v.met is not false and v.home is not false;

create or replace temp table hand_verdict as
select
    rule_id,
    direction,
    household_id,
    any_value(home_held) as home_held,
    coalesce(any_value(home), false) as home_sure,
    bool_or(alive) as left_over,
    bool_or(coalesce(sure, false)) as sure_all,
    bool_or(coalesce(sure, false) and alive) as sure_alive,
    bool_or(coalesce(sure, false) and alive and not marked) as sure_unmarked
from hand_said
group by rule_id, direction, household_id;

create or replace table by_hand_hit as
select
    household_id,
    direction,
    rule_id,
    case when sure_alive and home_sure then 1 else 2 end::tinyint as outcome,
    sure_alive and home_sure and not sure_unmarked as pending
from hand_verdict
where left_over and not home_held;

create or replace table by_hand_lost as
select household_id, direction, rule_id, case when sure_all and home_sure then 1 else 2 end::tinyint as outcome
from hand_verdict
where home_held or not left_over;

create or replace table by_hand_witness as
select
    s.household_id,
    s.rule_id,
    'involvement' as relation,
    s.row_id,
    case when coalesce(s.sure, false) then 1 else 2 end::tinyint as outcome
from hand_said as s
inner join by_hand_hit as h on s.household_id = h.household_id and s.rule_id = h.rule_id
where s.alive and (h.outcome = 2 or coalesce(s.sure, false));

create or replace table by_hand_hold as
select v.hold_id, v.relation, r.household_id, v.row_id, case when v.met then 1 else 2 end::tinyint as outcome
from hand_row as r,
    lateral (values
        ('X01', 'involvement', row_id, x01),
        ('X02', 'involvement', row_id, x02),
        ('X03', 'involvement', row_id, x03),
        ('X04', 'involvement', row_id, x04),
        ('X07', 'involvement', row_id, x07),
        ('X13', 'involvement', row_id, x13),
        ('X15', 'involvement', row_id, x15)
    ) as v (hold_id, relation, row_id, met)
where (v.met or (v.met is null and v.hold_id = 'X02'))
    and r.household_id in (select household_id from by_hand_hit union select household_id from by_hand_lost)
union all
select 'X08', 'household', household_id, household_id, 1
from hand_home
where not_rural
    and household_id in (select household_id from by_hand_hit union select household_id from by_hand_lost);
