-- place_read: each way of writing a place in one cell (红石乡岭背村3组, 桐木村3组) with its town, village and hamlet, which
-- then stand in the records. reads rec_registry, rec_listing; writes place_read (temporary), rec_registry, rec_listing.
-- What is no such place stays as it is; a town of its own column goes first. Each way of writing is read once: a register
-- of a county has thousands of villages and millions of rows.
create or replace temp table place_read as
with said as (
    select distinct village as said from rec_registry
    union
    select distinct town from rec_registry
    union
    select distinct village from rec_listing
    union
    select distinct town from rec_listing
),

read as (
    select said, regexp_extract(
        replace(said, ' ', ''),
        '^(?:.*?[县区旗市])?(?:([^县区旗市]{1,7}?(?:街道|[镇乡]))(?:办事处)?)?([^镇乡道]{1,9}?(?:社区|居委会|村))(?:民委员会|委会)?'
        || '((?:第?[0-9一二三四五六七八九十]{1,3}[^村镇乡]{0,8}|[^村镇乡]{1,6}[组屯队社寨湾坪坡冲庄号])?)$',
        ['town', 'village', 'hamlet']
    ) as part
    from said
    where said is not null
)

select
    said,
    nullif(part.town, '') as town,
    part.village as village,
    nullif(part.hamlet, '') as hamlet
from read
where part.village <> '' and part.village <> said;

update rec_registry as r
set town = coalesce(r.town, p.town), village = p.village, hamlet = coalesce(r.hamlet, p.hamlet)
from place_read as p
where r.village = p.said;

update rec_registry as r
set town = p.town, village = p.village, hamlet = coalesce(r.hamlet, p.hamlet)
from place_read as p
where r.village is null and r.town = p.said and p.town is not null;

update rec_listing as r
set town = coalesce(r.town, p.town), village = p.village
from place_read as p
where r.village = p.said;

update rec_listing as r
set town = p.town, village = p.village
from place_read as p
where r.village is null and r.town = p.said and p.town is not null;
drop table place_read;
