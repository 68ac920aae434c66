"""Load a rule pack: find its folder, read every file, collect every finding, freeze.

Comes in: a folder (default: the pack of this installation) and perhaps a local parameter file. Goes out: a ``Pack``.
A bad rule is left out and told; a broken vocabulary, pack.yaml or local parameter file stops ``load_pack``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from clue_engine.errors import EXIT_USAGE, ClueError, Diagnostic, Mark, Problems
from clue_engine.pack import parameters as parameter_files
from clue_engine.pack import rules as rule_files
from clue_engine.pack import vocabulary
from clue_engine.pack.fingerprint import fingerprint
from clue_engine.pack.meta import Meta, meta
from clue_engine.pack.model import (
    CodeSet,
    Hold,
    Link,
    Pack,
    Parameter,
    RecordKind,
    Relation,
    Rule,
    Saying,
    Source,
    TextFacts,
    WordList,
)
from clue_engine.pack.sources import Layouts, source_shape, with_sources
from clue_engine.pack.text import only_comments, read_yaml
from clue_engine.pack.typed import Findings
from clue_engine.pack.vocabulary import lists as read_lists
from clue_engine.pack.vocabulary import text_facts
from clue_engine.pack.words import sayings

NOT_RULES = ("vocabulary", "sources", "lists", "parameters", "calendar")
SHARED = ("vocabulary", "lists", "parameters")  # what every rule may use
UNREADABLE = ("CE001", "CE002", "CE003", "CE004", "CE009", "CE010", "CE011", "CE012", "CE015")  # of a file as a whole
MAX_RULES = 3000
_ENDING = re.compile(r"(\.ya?ml)?(\.txt)?$", re.IGNORECASE)
_PACKAGE = Path(__file__).resolve().parent.parent
_T = TypeVar("_T")


def default_root() -> Path:
    """The pack in the wheel (clue_engine/rules), in a checkout rules/ beside the package."""
    bundled = _PACKAGE / "rules"
    return bundled if bundled.is_dir() else _PACKAGE.parent / "rules"


def load_pack(
    root: Path | None = None, parameters: Path | None = None, *, strict: bool = False,
    told: list[Diagnostic] | None = None,
) -> Pack:  # fmt: skip
    """The pack; raises ``Problems`` when its frame is broken, or with ``strict`` when anything is.

    ``told`` is given the errors of its sources: a run goes on with those, and must not be silent about them.
    """
    reading = _read(root, parameters)
    if told is not None:
        folder = f"{shown_path(reading.root / 'sources')}/"
        told += [d for d in reading.rest.errors if d.mark.file.startswith(folder)]
    if reading.frame.errors or (strict and reading.rest.errors):
        raise Problems([*reading.frame, *reading.rest], exit_code=EXIT_USAGE)
    return reading.pack


def read_pack(root: Path | None = None, parameters: Path | None = None) -> tuple[Pack, list[Diagnostic]]:
    """The pack with whatever could be read, and everything that is wrong, in order of place."""
    reading = _read(root, parameters)
    return reading.pack, sorted([*reading.frame, *reading.rest], key=lambda d: (d.mark, d.code))


def rule_paths(root: Path | None = None) -> list[Path]:
    """The rule and hold files of a pack folder, whether they can be read or not."""
    return list(_rule_files(_Reading(_folder(root))))


def refuse_unread(root: Path | None, rule_id: str) -> None:
    """Raises CE-U10 for a rule that the pack does not have because its file, known by its name, has an error."""
    files = [shown_path(p) for p in rule_paths(root) if p.stem.split("_")[0].upper() == rule_id.upper()]
    wrong = (
        next((d for d in read_pack(root)[1] if d.level == "error" and d.mark.file in files), None) if files else None
    )
    if wrong is not None:
        message = f"规则 {rule_id[:20]} 的文件有错：{wrong.message}"
        raise ClueError("CE-U10", message, place=str(wrong.mark), hint="先运行 clue-engine rules check")


def unread(root: Path | None, found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Why a file of the vocabulary, lists or parameters could not be read: most else that is said follows from it."""
    folder = _folder(root)
    shared = tuple(f"{shown_path(folder / name)}/" for name in SHARED)
    own = [d for d in found if d.level == "error" and d.code in UNREADABLE]
    return [d for d in own if d.mark.file.startswith(shared) or d.mark.file == shown_path(folder / "pack.yaml")]


@dataclass
class _Reading:
    """A pack in the making. ``frame``: findings that make the whole pack unusable; ``rest``: all others."""

    root: Path
    frame: Findings = field(default_factory=Findings)
    rest: Findings = field(default_factory=Findings)
    meta: Meta = field(default_factory=Meta)
    codes: dict[str, CodeSet] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    links: dict[str, Link] = field(default_factory=dict)
    records: dict[str, RecordKind] = field(default_factory=dict)
    lists: dict[str, WordList] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    measures: list[Rule] = field(default_factory=list)
    sources: tuple[Source, ...] = ()
    text_facts: TextFacts = field(default_factory=TextFacts)
    sayings: tuple[Saying, ...] = ()
    region: str = ""
    parsed: dict[Path, Any] = field(default_factory=dict)  # files of the frame, as read

    @cached_property
    def pack(self) -> Pack:
        """Frozen, once all is read."""
        made = Pack(
            name=self.meta.name,
            version=self.meta.version,
            root=str(self.root),
            hash="",
            directions=self.meta.directions,
            relations=tuple(self.relations),
            codes=self.codes,
            links=self.links,
            lists=self.lists,
            parameters=self.parameters,
            rules=tuple(sorted(self.rules, key=lambda r: r.id)),
            holds=tuple(sorted(self.holds, key=lambda h: h.id)),
            records=self.records,
            sources=self.sources,
            region=self.region,
            options=self.meta.options,
            feedback=self.meta.feedback,
            text_facts=self.text_facts,
            sayings=self.sayings,
            measures=tuple(sorted(self.measures, key=lambda m: m.id)),
        )
        return replace(made, hash=fingerprint(made))


def _folder(root: Path | None) -> Path:
    folder = Path(root) if root is not None else default_root()
    if not folder.is_dir():
        reason = "不是目录" if folder.exists() else "不存在"
        hint = "检查 --rules 的路径；规则包目录里应有 pack.yaml"
        raise ClueError("CE015", f"规则包目录{reason}", place=shown_path(folder), hint=hint)
    return folder


def _read(root: Path | None, parameters: Path | None) -> _Reading:
    reading = _Reading(_folder(root))
    _read_frame(reading)
    _read_named(reading, "lists", read_lists, reading.lists)
    codes = reading.codes
    _read_named(reading, "parameters", lambda v, f, t: parameter_files.parameters(v, f, t, codes), reading.parameters)
    _check_words(reading)
    _read_sayings(reading)
    _read_sources(reading)
    if parameters is not None and not only_comments(Path(parameters)):
        value = _yaml(Path(parameters), reading.frame)
        if value is not None:
            reading.parameters, reading.region = parameter_files.with_local(
                value, reading.frame, _top(Path(parameters)), reading.parameters, reading.codes
            )
    _read_rules(reading)
    return reading


def _read_frame(reading: _Reading) -> None:
    """pack.yaml and vocabulary/."""
    frame, folder = reading.frame, reading.root / "vocabulary"
    _one(reading, reading.root / "pack.yaml", lambda v, t: setattr(reading, "meta", meta(v, frame, t)))
    _one(reading, folder / "codes.yaml", lambda v, t: reading.codes.update(vocabulary.code_sets(v, frame, t)))
    for path in _files(reading, folder, "relation_"):
        value = _yaml(path, frame)
        found = None if value is None else vocabulary.relation(value, frame, _top(path), reading.codes)
        if found is not None:
            other = next((r for r in reading.relations if r.label == found.label or r.name == found.name), None)
            if other is not None and found.mark and other.mark:
                frame.add("CE007", f"关系“{found.label}”已经写在 {other.mark.file}", found.mark, hint="删去一个文件")
            reading.relations.append(found)
    _one(reading, folder / "links.yaml", lambda v, t: reading.links.update(vocabulary.links(v, frame, t)))
    _one(
        reading,
        folder / "definitions.yaml",
        lambda v, t: setattr(reading, "relations", vocabulary.with_definitions(v, frame, t, reading.relations)),
    )
    _one(
        reading,
        folder / "records.yaml",
        lambda v, t: reading.records.update(vocabulary.record_kinds(v, frame, t, reading.codes)),
    )
    if (folder / "text_facts.yaml").is_file():
        _one(reading, folder / "text_facts.yaml", lambda v, t: setattr(reading, "text_facts", text_facts(v, frame, t)))


def _one(reading: _Reading, path: Path, use: Callable[[Any, Mark], object]) -> None:
    value = reading.parsed[path] = _yaml(path, reading.frame)
    if value is not None:
        use(value, _top(path))


def _yaml(path: Path, findings: Findings) -> Any:
    value, problems = read_yaml(path, shown_path(path))
    findings.extend(problems)
    return value


def _read_named(
    reading: _Reading, folder: str, read: Callable[[Any, Findings, Mark], dict[str, _T]], into: dict[str, _T]
) -> None:
    """A folder of files of named things: a name may stand once in the whole folder."""
    for path in _files(reading, reading.root / folder):
        value = _yaml(path, reading.rest)
        for name, one in read(value, reading.rest, _top(path)).items() if value is not None else ():
            mark, other = getattr(one, "mark", None), getattr(into.get(name), "mark", None)
            if mark and other:
                reading.rest.add("CE007", f"“{name}”已经写在 {other.file} 第 {other.line} 行", mark, hint="删去一处")
            else:
                into[name] = one


def _check_words(reading: _Reading) -> None:
    """A word names one parameter only: as name, label or alias."""
    owner: dict[str, Parameter] = {}
    for one in reading.parameters.values():
        for word in dict.fromkeys((one.name, one.label, *one.aliases)):
            other = owner.setdefault(word, one)
            if other is not one and one.mark:
                reading.rest.add(
                    "CE007", f"“{word}”既指参数 {other.name} 又指 {one.name}", one.mark, hint="改掉一个别名"
                )


def _read_sayings(reading: _Reading) -> None:
    """vocabulary/words.yaml: searching lives without it."""
    path = reading.root / "vocabulary" / "words.yaml"
    value = _yaml(path, reading.rest) if path.is_file() else None
    if value is not None:
        named = (reading.relations, reading.lists, reading.parameters)
        reading.sayings = sayings(value, reading.rest, _top(path), *named)


def _read_sources(reading: _Reading) -> None:
    """sources/, when all files there and the vocabulary have their right shape; else nothing could be ingested.

    What the words of headings and accepted columns lack is said here as well: they are read with the sources.
    """
    for path in _files(reading, reading.root / "sources"):
        value = reading.parsed[path] = _yaml(path, reading.frame)
        if value is not None:
            source_shape(value, reading.frame, _top(path))
    if reading.frame.errors:
        return
    own = Layouts(reading.codes, reading.records, read=lambda path, name: _known(reading, path, name))
    layouts = with_sources(own, reading.root)
    reading.sources = tuple(layouts.sources)
    shown = f"{shown_path(reading.root)}/"
    for found in layouts.diagnostics:
        named = found.mark.file  # a text of a file knows the whole name, what is said of the file only the pack's own
        place = named if named.startswith(shown) else shown_path(reading.root.parent / named)
        reading.rest.append(replace(found, mark=replace(found.mark, file=place)))


def _known(reading: _Reading, path: Path, name: str) -> tuple[Any, list[Diagnostic]]:
    """A file of the frame, read already; what was wrong with it has been said."""
    return (reading.parsed[path], []) if path in reading.parsed else read_yaml(path, name)


def _read_rules(reading: _Reading) -> None:
    seen: dict[str, Mark] = {}
    titles: dict[str, str] = {}
    twice: set[str] = set()
    paths = list(_rule_files(reading))
    if len(paths) > MAX_RULES:  # not a pack that somebody wrote: a folder of something else
        message = f"规则文件有 {len(paths)} 个，超过 {MAX_RULES} 个，一条也没有读取"
        reading.frame.add("CE009", message, _top(reading.root), hint="检查目录是否放错；合并相近的规则")
        return
    for path in paths:
        findings = Findings()
        value = _yaml(path, findings)
        found: Rule | Hold | None = None
        if value is not None:
            found = _reader(value, path)(value, findings, _top(path), path.stem, reading.meta.directions)
        if found is not None and found.mark is not None:
            first = seen.setdefault(found.id, found.mark)
            if first is not found.mark:
                message = f"编号 {found.id} 重复：{first.file} 和 {found.mark.file}，两条都不运行"
                findings.add("CE007", message, found.mark, hint="给其中一条换一个没有用过的编号")
                twice.add(found.id)
            elif titles.setdefault(found.title, found.id) != found.id:
                message = f"标题“{found.title}”与 {titles[found.title]} 相同"
                findings.add("CE007", message, found.mark, hint="换一个能区分的标题", level="warning")
        reading.rest.extend(findings)
        if isinstance(found, Hold) and not findings.errors:
            reading.holds.append(found)
        elif isinstance(found, Rule) and not findings.errors:
            (reading.rules if found.support is None else reading.measures).append(found)
    reading.measures = [measure for measure in reading.measures if measure.id not in twice]
    reading.rules = [rule for rule in reading.rules if rule.id not in twice]
    reading.holds = [hold for hold in reading.holds if hold.id not in twice]


def _reader(value: Any, path: Path) -> Callable[..., Rule | Hold | None]:
    if rule_files.is_measure(path.parent.name):
        return rule_files.measure
    return rule_files.hold if rule_files.is_hold(value, path.parent.name) else rule_files.rule


def _rule_files(reading: _Reading) -> Iterator[Path]:
    for folder in sorted(reading.root.iterdir()):
        if folder.is_dir() and folder.name not in NOT_RULES and not folder.name.startswith((".", "_")):
            yield from _files(reading, folder)


def _files(reading: _Reading, folder: Path, prefix: str = "") -> list[Path]:
    """The .yaml files of a folder by name; .yml is told, since nobody would notice that it is not read."""
    if not folder.is_dir():
        return []
    found = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~", "_")) or not path.name.startswith(prefix) or not path.is_file():
            continue
        if path.suffix == ".yaml":
            found.append(path)
        elif path.suffix.lower() in (".yml", ".yaml", ".txt"):
            hint = f"改名为 {_ENDING.sub('', path.name)}.yaml"
            reading.rest.add("CE015", "这个文件没有读取：名称要以 .yaml 结尾", _top(path), hint=hint, level="warning")
    return found


def _top(path: Path) -> Mark:
    return Mark(shown_path(path), 1, 1)


def shown_path(path: Path) -> str:
    """A path as the user would type it here: relative when it lies below the current folder."""
    text = str(path)
    here = os.getcwd()  # noqa: PTH109 (Path.cwd() resolves nothing more)
    if os.path.isabs(text) and text.startswith(here + os.sep):  # noqa: PTH117
        text = text[len(here) + 1 :]
    return text.replace(os.sep, "/")
