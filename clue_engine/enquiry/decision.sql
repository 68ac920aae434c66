-- The decisions of people, those of an earlier workspace before those of this one: whoever decides last is heard.
-- Reads earlier.decision, decision. Writes decision.
create or replace table decision as
with every as (
    select review_key, choice, note, seq, false as here
    from earlier.decision
    union all
    select review_key, choice, note, seq, true
    from decision
)
select
    review_key,
    choice,
    note,
    row_number() over (order by bool_or(here), max(seq), review_key, choice, note)::integer as seq
from every
group by review_key, choice, note
order by seq;
