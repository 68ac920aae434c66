-- One row per household with a clue: the number that all its clues have in common.
-- Reads clue_numbered, number_given, number_home, household, variable number_secret. Writes clue_home.
-- It goes with the numbers of the clues, which are found again when the household gets another key: of several that its
-- clues once had the oldest. One that another household keeps is not given again; a new one is hashed as clue_key is.
create or replace table clue_home as
with claim as (
    select n.household_id, h.household_key, m.home_no, min(g.seq) as seq
    from clue_numbered as n
    join household as h using (household_id)
    join number_given as g on n.clue_id in (g.clue_id, g.now_id)
    join number_home as m on m.clue_id = g.clue_id
    group by all
),
won as (
    select *
    from claim
    qualify row_number() over (partition by home_no order by seq, household_key) = 1
),
kept as (
    select household_id, home_no
    from won
    qualify row_number() over (partition by household_id order by seq, home_no) = 1
),
fresh as (
    select
        n.household_id,
        [concat_ws(chr(31), 'home', h.household_key), concat_ws(chr(31), 'home', h.household_key, min(n.clue_id))] as spelled
    from clue_numbered as n
    join household as h using (household_id)
    anti join kept using (household_id)
    group by n.household_id, h.household_key
),
hashed as (
    select
        household_id,
        list_transform(spelled, lambda s: 'HU-' || upper(substr(
            sha256(getvariable('number_secret') || sha256(getvariable('number_secret') || s)), 1, 10
        ))) as nos
    from fresh
)
select household_id, home_no
from kept
union all
select household_id, if(m.home_no is null, nos[1], nos[2])
from hashed as f
left join (select distinct home_no from number_home) as m on m.home_no = f.nos[1]
order by household_id;
