"""Rule and hold files: one rule per file, its conditions kept as text with places for the language to parse.

Comes in: parsed YAML of one file. Goes out: a ``Rule`` or ``Hold``, or None with findings: the other files live on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clue_engine.errors import Level, Mark
from clue_engine.pack.model import Direction, Hold, Rule, Support, Text
from clue_engine.pack.places import Places
from clue_engine.pack.suggest import hint as suggestion
from clue_engine.pack.typed import Findings, Section, as_int, as_mapping, as_text, mark_of, place, shown

STATUSES = ("draft", "trial", "active", "retired")
ACTIONS = ("suppress", "hold", "downgrade", "reroute", "restrict", "note")
UNKNOWNS = ("keep", "mark", "restrict")
NOT_LOADED = ("caveat", "unknown")
RESTRICTIONS = ("minors", "secret", "sensitive")
ALL = ("all", "全部")
_ALL = ("id", "title", "version", "status", "direction", "when", "reason", "basis", "check", "tests")
_OF_RULES = (*_ALL, "false_positives", "misses", "no_crime_detail", "restrict", "rare")
_RULE_KEYS = (*_OF_RULES, "points", "supersedes", "urgent", "receiver", "also")
_MEASURE_KEYS = (*_OF_RULES, "column", "provider", "capped")
_HOLD_KEYS = (*_ALL, "action", "relation", "unknown", "not_loaded", "to", "ask", "holder", "careful")
RULE_NEEDS = ("id", "title", "version", "status", "direction", "when", "reason")
MEASURE_NEEDS = ("id", "title", "version", "status", "column", "provider", "when", "reason")
HOLD_NEEDS = ("id", "title", "version", "status", "action", "direction", "relation", "when", "unknown", "reason")
TO_DO = "待补充"
_TO_FILL = ("title", "reason", "basis", "check", "false_positives", "misses", "column", "provider")
_FORMS = {"basis": "{law: 文件名称, article: 第几条}", "tests": "{name: 名称, 字段: 值, expect: hit}"}
_ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,15}")


def is_hold(root: Any, folder: str) -> bool:
    """A file with an action is a hold, wherever it lies."""
    return folder == "hold" or (isinstance(root, dict) and "action" in root)


def is_measure(folder: str) -> bool:
    return folder == "measures"


def rule(root: Any, findings: Findings, top: Mark, stem: str, directions: Sequence[Direction]) -> Rule | None:
    """One rule file; ``stem`` is its file name without ending."""
    section = _section(root, findings, top, stem, "规则", _RULE_KEYS, RULE_NEEDS)
    if section is None:
        return None
    found = Rule(
        **_common(section, top.file),
        **_of_rules(section),
        points=_points(section, findings, directions),
        supersedes=section.names("supersedes"),
        urgent=section.boolean("urgent"),
        receiver=section.word("receiver") or None,
        also=section.names("also"),
    )
    _check_texts(section, found.status, (found.direction,), directions)
    if not found.points and "points" in section and not findings.errors:
        hint, level = _points_hint(found.direction, directions), _mild(found.status)
        findings.add("CE607", "没有写分值，命中的户得 0 分，排在最后", section.at("points"), hint=hint, level=level)
    return None if findings.errors else found


def measure(root: Any, findings: Findings, top: Mark, stem: str, directions: Sequence[Direction]) -> Rule | None:
    """One measure file. Its direction, if it has one, says whose holds take rows out."""
    section = _section(root, findings, top, stem, "措施", _MEASURE_KEYS, MEASURE_NEEDS)
    if section is None:
        return None
    support = Support(section.word("column"), section.word("provider"), section.boolean("capped"))
    found = Rule(**_common(section, top.file), **_of_rules(section), points={}, support=support)
    _check_texts(section, found.status, (found.direction,), directions)
    if "{" in found.reason or "｛" in found.reason:
        message = "措施的理由不写字段：它出现在送各单位的清单上，不能带出案情和个人情况"
        findings.add("CE603", message, found.reason, hint="写一句通用的话，如 家里有劳动力没有务工")
    return None if findings.errors else found


def hold(root: Any, findings: Findings, top: Mark, stem: str, directions: Sequence[Direction]) -> Hold | None:
    """One hold file."""
    section = _section(root, findings, top, stem, "排除规则", _HOLD_KEYS, HOLD_NEEDS)
    if section is None:
        return None
    named = section.names("direction")
    found = Hold(
        **_common(section, top.file),
        action=section.choice("action", ACTIONS, "note"),
        directions=() if any(name in ALL for name in named) else named,
        relation=section.word("relation"),
        unknown=section.choice("unknown", UNKNOWNS, "keep"),
        not_loaded=section.choice("not_loaded", NOT_LOADED, "caveat"),
        to=section.word("to") or None,
        ask=section.word("ask"),
        holder=section.word("holder"),
        careful=section.boolean("careful"),
    )
    _check_texts(section, found.status, found.directions, directions)
    if found.action == "reroute" and "to" not in section:
        findings.add("CE006", "action: reroute 要写 to（转给谁）", section.at("action"), hint="如 to: 有管辖权的检察院")
    if found.careful and found.action != "restrict":
        message, hint = "careful 只与 action: restrict 一起写", "改 action，或删去 careful"
        findings.add("CE006", message, section.at("careful"), hint=hint)
    return None if findings.errors else found


def _section(
    root: Any, findings: Findings, top: Mark, stem: str, what: str, keys: Sequence[str], needs: Sequence[str]
) -> Section | None:
    """The mapping of a file, its keys and its id checked."""
    mapping = as_mapping(root, findings, top, "措施文件" if what == "措施" else "规则文件")
    if mapping is None:
        return None
    section = Section(mapping, findings, top, what, keys, needs)
    _check_id(section, findings, stem)
    return section


def _common(section: Section, file: str) -> dict[str, Any]:
    """What every file has."""
    return {
        "id": section.word("id"),
        "title": section.word("title"),
        "version": section.integer("version", 1),
        "status": section.choice("status", STATUSES, "draft"),
        "when": section.text("when"),
        "reason": section.text("reason"),
        "basis": _mappings(section, "basis", flat=True),
        "check": _sentences(section, "check"),
        "tests": _mappings(section, "tests"),
        "mark": mark_of(section.where),
        "file": file,
    }


def _of_rules(section: Section) -> dict[str, Any]:
    """What a rule and a measure have alike."""
    return {
        "direction": section.word("direction"),
        "false_positives": _sentences(section, "false_positives"),
        "misses": _sentences(section, "misses"),
        "restrict": section.choice("restrict", RESTRICTIONS, "") or None,
        "no_crime_detail": section.boolean("no_crime_detail"),
        "rare": section.word("rare"),
    }


def _check_id(section: Section, findings: Findings, stem: str) -> None:
    text = section.text("id")
    if not text.strip():
        return
    prefix = stem.split("_")[0]
    if not _ID.fullmatch(text):
        findings.add("CE013", f"编号“{shown(text)}”应以字母开头，只用字母、数字和短横", text, hint="如 J02")
    elif text != prefix:
        hint = f"文件改名为 {text}_….yaml，或把 id 改成 {prefix}"
        findings.add("CE008", f"编号 {text} 与文件名开头“{shown(prefix)}”不一致", text, hint=hint)
    if section.integer("version", 1) < 1:
        findings.add("CE013", "version 从 1 开始", section.at("version"))


def _check_texts(section: Section, status: str, chosen: Sequence[str], directions: Sequence[Direction]) -> None:
    """Directions that there are not, quotes of the wrong kind, what was never filled in."""
    known = [d.name for d in directions]
    for name in chosen:
        if known and name and name not in known:
            where = place(section.raw("direction"), section.at("direction"))
            section.findings.add("CE014", f"没有方向“{shown(name)}”", where, hint=suggestion(name, known))
    when = section.text("when")  # “any 涉案 (…)”: Chinese quotes typed where YAML needs straight ones
    if when[:1] in "\u201c\u201d\uff02" and when[-1:] in "\u201c\u201d\uff02" and when.strip():
        hint = "外面用半角双引号，里面的文字用半角单引号"
        section.findings.add("CE013", "when 外面的引号是中文引号", when, hint=hint)
    # 待补充, which rules new writes where only a person knows; told once
    left = [text for key in _TO_FILL for text in _texts(section.raw(key)) if text.strip() == TO_DO]
    if left:
        hint = "补上内容，或删去这一项"
        section.findings.add("CE607", f"还有 {len(left)} 处“{TO_DO}”", left[0], hint=hint, level=_mild(status))


def _texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _points_hint(name: str, directions: Sequence[Direction]) -> str:
    known = next((d.dimensions for d in directions if d.name == name), ())
    named = "、".join(f"{d.label}（{d.name}）0–{d.cap}" for d in known)
    return f"分项有 {named}" if named else "写成 points: {分项: 分值}"


def _mild(status: str) -> Level:
    return "note" if status == "draft" else "warning"


def _points(section: Section, findings: Findings, directions: Sequence[Direction]) -> dict[str, int]:
    direction = next((d for d in directions if d.name == section.word("direction")), None)
    caps = {d.name: d.cap for d in direction.dimensions} if direction else {}
    points: dict[str, int] = {}
    for key, value in section.mapping("points").items():
        where = place([key], section.where)
        number = as_int(value, findings, where, key)
        labels = {d.label: d.name for d in direction.dimensions} if direction else {}
        name = str(key) if key in caps else labels.get(key.strip(), str(key))
        if direction and name not in caps:
            findings.add(
                "CE601", f"“{direction.name}”没有分项“{shown(key)}”", where, hint=suggestion(key, caps, labels)
            )
        elif number is not None and (number < 0 or (direction and number > caps[name])):
            limit = f"在 0 到 {caps[name]} 之间" if direction else "不小于 0"
            findings.add("CE602", f"“{key}”的分值 {number} 应{limit}", place(value, where))
        elif name in points:
            findings.add("CE004", f"分项“{key}”写了两次", where, hint="删去一个")
        elif number is not None:
            points[name] = number
    return points


def _sentences(section: Section, key: str) -> tuple[str, ...]:
    texts = section.texts(key)
    for text in texts:
        if text.strip()[:1] in "【［" and text.strip()[-1:] in "】］":
            message = f"“{key}”外面的括号是全角的，几项会并成一项"
            section.findings.add("CE013", message, text, hint="写成 [甲, 乙]：方括号和逗号都用半角")
        elif len(texts) == 1 and "\uff0c" in text and _in_brackets(text):
            message = f"“{key}”的方括号里只有一项：全角逗号不分项"
            hint = "几项之间用半角逗号；确是一句话的，去掉方括号"
            section.findings.add("CE013", message, text, hint=hint, level="warning")  # one item or two: the same list
    return tuple(str(text) for text in texts)


def _in_brackets(text: Text) -> bool:
    """Whether a list item stands in [ ] rather than behind a dash."""
    if not isinstance(text.marks, Places):
        return False
    mark = text.at(0)
    return text.marks.source.line(mark.line)[: mark.column - 1].rstrip().endswith(("[", "['", '["'))


def _mappings(section: Section, key: str, *, flat: bool = False) -> tuple[Mapping[str, Any], ...]:
    """A list of mappings; ``flat``: their values are texts."""
    raw, findings = section.raw(key), section.findings
    if raw is None or raw == "":
        return ()
    if not isinstance(raw, list):
        message, hint = f"“{key}”应是一个列表，每项前加“- ”", f"另起一行写 - {_FORMS[key]}"
        findings.add("CE013", message, place(raw, section.at(key)), hint=hint)
        return ()
    found = []
    for item in raw:
        mapping = as_mapping(item, findings, section.at(key), key, f"写成 {_FORMS[key]}")
        if mapping is None:
            continue
        if flat:
            mapping = {str(k): str(as_text(v, findings, section.at(key), k) or "") for k, v in mapping.items()}
        found.append(mapping)
    return tuple(found)
