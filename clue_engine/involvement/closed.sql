-- closed: one row per row of fact_involvement whose applicant's case has ended in a direction, with a column for each; then
-- fact_involvement as it was, with these columns; NULL: it has not ended.
-- Reads involved_part, closed_part (one row per ended part, a column closed_<code> per direction).
-- Writes closed, fact_involvement.
create or replace temp table closed as
select f.row_id, c.* exclude (part)
from fact_involvement as f
join involved_part as p using (household_id, party_id)
join closed_part as c using (part);

create or replace table fact_involvement as
select f.*, c.* exclude (row_id)
from fact_involvement as f
left join closed as c using (row_id)
order by f.row_id;
