-- fact_member: one row per household and person (成员); fact_kin: who is whose parent, child, spouse in a household;
-- fact_hardship: one row per list entry of a household; fact_aid: one row per aid decision of a household.
-- reads member, person, listing_row, fact_involvement, aid_of, record_column; writes these and disability_of.
create or replace temp table disability_of as
select l.person_id, min_by(l.cert_level, list_position(getvariable('cert_codes'), l.cert_level)) as cert_level,
    list_sort(list_distinct(flatten(list(l.cert_kind) filter (l.cert_kind is not null)))) as cert_kind
from (
    select p.person_id, coalesce(r.cert_level, r.id_cert_level) as cert_level, r.cert_kind
    from listing_row as r
    inner join person as p on r.person_key = p.person_key or p.person_key = 'P:' || r.person_key
    where r.cert_level is not null or r.id_cert_level is not null
) as l
group by l.person_id;
