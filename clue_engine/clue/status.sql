-- One row per household and direction that goes into an output, with its status.
-- Reads clue_candidate. Writes clue_status.
create or replace table clue_status as
with seen as (
    select
        household_id,
        direction,
        bool_or(kind = 'hit' and not trial) as has_hit,
        bool_or((kind = 'pending' or decidable) and not trial) as has_open,
        bool_or(kind = 'pending' and not trial) as has_pending,
        bool_or(kind = 'lost' and not trial) as has_lost,
        bool_or(kind = 'hit' and trial) as has_trial
    from clue_candidate
    group by household_id, direction
)
select
    household_id,
    direction,
    case when has_hit then '线索'
         when has_open then '待核'
         when has_lost then '搁置'
         when has_trial then '试行' end as status,
    case when has_hit then 1 when has_open then 2 when has_lost then 3 else 4 end as status_order,
    has_pending
from seen
where has_hit or has_open or has_lost or has_trial;
