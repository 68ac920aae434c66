-- dead_party: one row per victim who died of the event, said outright or by a code of death (variable dead_codes).
-- reads victim_row; writes dead_party (temporary).
create or replace temp table dead_party as
select distinct party_id
from victim_row
where dead or list_contains(getvariable('dead_codes'), injury);
