-- fact_source: which rows of which files stand behind a fact row. reads member_source, party_mention, case_row, victim_row,
-- enforcement_of, aid_of, member, fact_involvement, fact_hardship, fact_aid; writes fact_source.
create or replace table fact_source as
with of_party as (
    select party_id, file_id, row_no from victim_row
    union
    select party_id, file_id, row_no from party_mention where nth = 2
    union
    select v.party_id, c.file_id, c.row_no
    from victim_row as v
    inner join case_row as c using (event_id)
    -- a list of victims tells the case in the row of each: that of another victim is his, and may be nobody's to see
    where (c.file_id, c.row_no) not in (select (file_id, row_no) from victim_row)
        or (c.file_id, c.row_no, v.party_id) in (select (file_id, row_no, party_id) from victim_row)
    union
    select party_id, file_id, row_no from enforcement_of
    union
    select party_id, file_id, row_no from aid_of
)

select 'involvement' as relation, i.row_id, p.file_id, p.row_no, null::varchar as field
from fact_involvement as i
inner join of_party as p using (party_id)
union all
select 'member', m.member_id, s.file_id, s.row_no, null
from member as m
inner join member_source as s using (household_id, person_id)
union all
select 'household', s.household_id, s.file_id, min(s.row_no), null
from member_source as s
group by s.household_id, s.file_id
union all
select 'hardship', row_id, file_id, row_no, null from fact_hardship
union all
select 'aid', row_id, file_id, row_no, null from fact_aid
order by all;
