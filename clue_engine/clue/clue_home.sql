-- One row per household with a clue: the number that all its clues have in common.
-- Reads clue_numbered, household, variable number_secret. Writes clue_home.
-- Hashed as the keys of clue_key are: who holds a register cannot try its household numbers.
create or replace table clue_home as
select
    household_id,
    'HU-' || upper(substr(
        sha256(getvariable('number_secret') || sha256(getvariable('number_secret') || concat_ws(chr(31), 'home', household_key))),
        1, 10
    )) as home_no
from household
semi join clue_numbered using (household_id)
order by household_id;
