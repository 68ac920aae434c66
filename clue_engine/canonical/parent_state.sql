-- parent_state: one row per child of whom a list says what became of the parents; NULL = it does not say.
-- reads rec_family, registry_row; writes parent_state. Variables: parent_words (words of states, the longest
-- first), parent_states (their codes). A cell that speaks of both is read clause by clause: 父服刑，母亲2019年病故.
create or replace temp macro said_of(text, who, other) as regexp_extract(
    text,
    '(?:父母|双亲|' || who || ')[^' || other || '未没无非不，,；;、。 ]{0,12}?(' || array_to_string(getvariable('parent_words')::varchar[], '|') || ')',
    1
);
create or replace temp macro state_of(word) as
    (getvariable('parent_states')::varchar[])[list_position(getvariable('parent_words')::varchar[], word)];

create or replace table parent_state as
select
    r.person_id,
    arg_min(coalesce(f.father_state, state_of(said_of(f.parents_said, '父亲|父|爸爸|爸', '母|妈'))), r.newest) as father_state,
    arg_min(coalesce(f.mother_state, state_of(said_of(f.parents_said, '母亲|母|妈妈|妈', '父|爸'))), r.newest) as mother_state
from rec_family as f
inner join registry_row as r on f.file_id = r.file_id and f.row_no = r.row_no and f.part_no = r.part_no
group by r.person_id
order by r.person_id;
