-- disability_of: one row per person with a disability certificate on some list, the heaviest grade.
-- reads listing_row, register_person, unlisted_person; writes disability_of, listed_person (list row × person, temporary).
-- Two equi-joins: with "or" between the keys every list row would meet every person.
create or replace temp table listed_person as
select r.*, p.person_id
from listing_row as r
inner join register_person as p on r.person_key = p.person_key
union all
select r.*, p.person_id
from listing_row as r
inner join unlisted_person as p on 'P:' || r.person_key = p.person_key;

create or replace table disability_of as
select
    person_id,
    min_by(coalesce(cert_level, id_cert_level), list_position(getvariable('cert_codes'), coalesce(cert_level, id_cert_level)))
        as cert_level,
    list_sort(list_distinct(flatten(list(cert_kind) filter (cert_kind is not null)))) as cert_kind
from listed_person
where cert_level is not null or id_cert_level is not null
group by person_id;
