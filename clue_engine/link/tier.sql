-- tier: one row per way in which a party is found in the registers, the surest first. reads nothing; writes tier.
-- meaning: a word for the summary; strength: how sure it is (NULL: as sure as the relative it comes through);
-- sentence: what a clue says of it, {why} being what agrees besides.
create or replace table tier as
select place, code, meaning, strength, sentence
from (values
    (1, 'T1', '证件号码一致', '确认', '证件号码一致，{why}'),
    (2, 'T2', '证件号码部分可见', '疑似', '证件号码可见部分相符，姓名相同，名册中唯一'),
    (3, 'T3', '姓名、出生日期、住地', '疑似', '姓名、出生日期、住地相同，名册中唯一'),
    (4, 'T4', '姓名、电话', '疑似', '姓名、联系电话相同，名册中唯一'),
    (5, 'T5', '姓名、村、性别、年龄', '疑似', '姓名、村、性别相同，年龄相差不超过一岁，名册中唯一'),
    -- a village form is a register and says what befell the household: one row, one name
    (6, 'T6', '同一行的住户登记', '确认', '同一张表同一行登记的住户'),
    (7, 'T7', '姓名、村、家人姓名', '疑似', '姓名、村相同，案件写明的家人与其同户，名册中唯一'),
    -- a namesake in the village of whom nothing else is known: never a link, always a question
    (8, 'T8', '同村同名', '疑似', '身份待核'),
    (9, 'K1', '案件写明的近亲属', null, '案件中写明的近亲属在本户（{why}）'),
    (10, 'M', '人工核定', '确认', '人工核定'),
    (11, 'NEW', '不在名册，单列一户', '确认', '名册中没有此人，单列一户'),
    (12, '?', '身份待核', '疑似', '身份待核'),
    -- 甲、乙、丙 in one cell with one number or none, and all of one household
    (13, 'T9', '同一格的几个姓名在同一户', '疑似', '同一格写着的几个人与名册中同一户的几名成员姓名相同，名册中唯一'),
    -- of a case that has no family, and a form that names the victim as one of a household and the month of the case
    (14, 'K2', '入户表写明的家人', null, '入户表写明本户的这一家人与案件的被害人姓名相同（{why}）')
) as t (place, code, meaning, strength, sentence)
order by place;
