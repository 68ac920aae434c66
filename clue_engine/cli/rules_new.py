"""rules new: a few questions, then a draft rule with the form of its tests.

Comes in: answers on a terminal, or options. Goes out: one new file in a pack folder.
"""

from __future__ import annotations

import sys
import unicodedata
from typing import TYPE_CHECKING, Annotated

import typer

from clue_engine.cli.options import RulesOption
from clue_engine.cli.rules_life import own_pack
from clue_engine.cli.screen import say, style
from clue_engine.errors import EXIT_PROBLEMS, ClueError

if TYPE_CHECKING:
    from clue_engine.pack.model import Direction, Field, Pack, Relation

TitleOption = Annotated[str, typer.Option("--title", metavar="名称", help="一句话说清是什么情况", show_default=False)]
DirectionOption = Annotated[
    str, typer.Option("--direction", metavar="方向", help="线索方向，如 司法救助线索", show_default=False)
]
WhenOption = Annotated[str, typer.Option("--when", metavar="条件", help="命中的条件", show_default=False)]
PointsOption = Annotated[
    list[str] | None,
    typer.Option("--points", metavar="分项=分值", help="如 harm=10 或 损害后果=10，可写多个", show_default=False),
]
IdOption = Annotated[
    str, typer.Option("--id", metavar="编号", help="不写则从 90 往后取没有用过的编号", show_default=False)
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="理由", help="如 {姓名}被骗{损失金额|万元}", show_default=False)
]


def new_command(
    rules: RulesOption = None,
    title: TitleOption = "",
    direction: DirectionOption = "",
    when: WhenOption = "",
    points: PointsOption = None,
    rule_id: IdOption = "",
    reason: ReasonOption = "",
) -> None:
    """新写一条规则：问几个问题，写出草稿，留好三个测试的写法。选项写全了就不问。

    帮扶措施（measures/ 里的）不在此列：没有分值，复制一份相近的，换上编号、栏目、单位和条件。

    例：
      clue-engine rules new --rules 我的规则
      clue-engine rules new --rules 我的规则 --title 重伤 --direction 司法救助线索 --when "any 涉案 （伤情 in @重伤）"
    """
    from clue_engine.enquiry.new_rule import Answers, condition_problems, free_id, new_rule
    from clue_engine.pack.load import load_pack, shown_path
    from clue_engine.pack.lock import read_lock, write_whole
    from clue_engine.pack.render import render_all

    own_pack(rules, "rules new")
    pack = load_pack(rules)
    asks = sys.stdin.isatty()
    lacking = [o for o, v in (("--title", title), ("--direction", direction), ("--when", when)) if not v]
    if lacking and not asks:
        raise ClueError("CE-U01", f"缺少 {'、'.join(lacking)}", place="rules new", hint="写上这些选项，或在终端里运行")
    title = title or _ask("规则的名称（一句话说清是什么情况）")
    chosen = _direction(pack, direction or _choose("线索方向", [d.name for d in pack.directions]))
    used = pack.owners
    lock = read_lock(pack.root)
    number = rule_id or free_id(pack, chosen.name, lock)
    if number in used or (lock and number in lock.entries):
        hint = f"可用 {free_id(pack, chosen.name, lock)}"
        raise ClueError("CE802", f"编号 {number} 用过", place="rules new --id", hint=hint)
    when = when or _condition(pack)
    problems = [d for d in condition_problems(pack, when) if d.level == "error"]
    if problems:
        print(render_all(problems, style))
        say("条件有错，没有写文件")
        raise typer.Exit(EXIT_PROBLEMS)
    score = _points(points, chosen) if points is not None or not asks else _ask_points(chosen)
    made = new_rule(pack, Answers(number, title, chosen.name, when, score, reason))
    made.path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(made.path, made.text)
    shown = shown_path(made.path)
    same = [r.id for r in pack.rules if r.title == title]
    if same:
        say(f"提醒：已有同名的规则 {'、'.join(same)}；换一个能区分的名称")
    print(f"已写出 {shown}（草稿）")
    place = f" --rules {rules}" if rules else ""
    print(f"下一步：用文本编辑器补上“待补充”的内容和三个测试，再运行 clue-engine rules check{place}")
    print(f"      clue-engine rules test {number}{place}")


_SIGNS = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "=", "==": "=", "＞＝": ">=", "＜＝": "<="}


# -- questions ---------------------------------------------------------------------------------------------------------
def _ask(question: str, default: str = "") -> str:
    """One answer from the terminal; questions go to stderr, so stdout holds results only."""
    while True:
        print(f"{question}{f'[{default}]' if default else ''}:", end=" ", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            raise typer.Abort
        if line.strip() or default:
            return line.strip() or default
        say(f"这一项不能空：{question}")


def _choose(question: str, options: list[str]) -> str:
    """One of the options, by number or by name."""
    for n, option in enumerate(options, 1):
        say(f"  {n} {option}")
    while True:
        word = _ask(f"{question}（写序号或名称）")
        if word in options:
            return word
        if word.isdigit() and 0 < int(word) <= len(options):
            return options[int(word) - 1]
        if _SIGNS.get(word) in options:
            return _SIGNS[word]
        say(f"没有“{word}”")


def _condition(pack: Pack) -> str:
    """A condition, field by field: any 涉案 (受害 and 伤情 = '死亡')."""
    word = _choose("条件看哪一种记录", [r.label for r in pack.relations])
    relation = next(r for r in pack.relations if r.label == word)
    parts: list[str] = []
    named = [d.label for d in relation.definitions]
    if named:
        say("已有的说法：" + "、".join(named))
    while True:
        hint = "字段或说法，? 列出全部字段" + ("，直接回车结束" if parts else "")
        word = _ask(hint, "完" if parts else "")
        if word == "完":
            break
        if word in ("?", "？"):
            say("、".join(f.label for f in relation.fields))
        elif word in named:
            parts.append(word)
        else:
            parts += _test(pack, relation, word)
    body = " and ".join(parts)
    return body if relation.label == "户" else f"any {relation.label} ({body})"


def _test(pack: Pack, relation: Relation, word: str) -> list[str]:
    from clue_engine.pack.suggest import hint

    name = word.removeprefix("户.")
    home = next(r for r in pack.relations if r.label == "户")
    for owner, prefix in ((relation, ""), (home, "户.")):
        found = next((f for f in owner.fields if name in (f.label, *f.aliases)), None)
        if found is not None and (owner is relation or relation is not home):
            if prefix:
                say(f"“{found.label}”是户的字段，写成 户.{found.label}")
            return [_right_comparison(pack, relation, found, prefix)]
    others = [r.label for r in pack.relations if any(name in (f.label, *f.aliases) for f in r.fields)]
    if others:
        say(f"“{name}”是{'、'.join(others)}的字段；可先不写，写出草稿后在 when: 里加上 and any {others[0]} (…)")
    else:
        say(f"{relation.label}没有字段“{word}”。" + hint(word, [f.label for f in relation.fields]))
    return []


def _right_comparison(pack: Pack, relation: Relation, one: Field, prefix: str) -> str:
    """A comparison that passes the check; a value that does not is asked for again, with the reason."""
    from clue_engine.enquiry.new_rule import condition_problems

    while True:
        test = prefix + _comparison(pack, one)
        whole = test if relation.label == "户" else f"any {relation.label} ({test})"
        wrong = next((d for d in condition_problems(pack, whole) if d.level == "error"), None)
        if wrong is None:
            return test
        say(f"不对：{wrong.message}{f'；{wrong.hint}' if wrong.hint else ''}。请再写一次")


def _comparison(pack: Pack, one: Field) -> str:
    if one.type == "bool":
        return f"{one.label} = {_choose(one.label, ['是', '否'])}"
    codes = pack.codes.get(one.codes or "")
    if one.type in ("code", "codes") and codes is not None:
        value = _choose(one.label, list(codes.values))
        return f"{one.label} {'=' if one.type == 'code' else 'contains'} '{value}'"
    if one.type in ("text", "codes", "code"):
        return f"{one.label} {'=' if one.type == 'code' else 'contains'} '{_ask('写的是什么字')}'"
    sample = {"money": "3万元", "share": "90%", "duration": f"60{one.unit or '岁'}", "date": "2025-01-01"}
    sign = _choose("怎样比较", [">=", ">", "<=", "<", "="])
    return f"{one.label} {sign} {_ask('值', sample.get(one.type, '2'))}"


def _direction(pack: Pack, name: str) -> Direction:
    from clue_engine.pack.suggest import hint

    found = next((d for d in pack.directions if d.name == name), None)
    if found is None:
        names = [d.name for d in pack.directions]
        message, advice = f"没有方向“{name[:20]}”", hint(name, names) or "可用：" + "、".join(names)
        if any(name in (m.support.column, m.title, "帮扶措施", "措施") for m in pack.measures if m.support):
            message += "：这是帮扶措施"
            advice = (
                "帮扶措施不用 rules new：复制 measures/ 里相近的一份，换上编号、栏目、单位和条件，再运行 rules check"
            )
        raise ClueError("CE-U01", message, place="rules new --direction", hint=advice)
    return found


def _points(written: list[str] | None, direction: Direction) -> dict[str, int]:
    caps = {d.name: d.cap for d in direction.dimensions}
    found: dict[str, int] = {}
    for each in written or ():
        name, _, number = unicodedata.normalize("NFKC", each).replace(" ", "").partition("=")
        name = next((d.name for d in direction.dimensions if name in (d.name, d.label)), name)
        if name not in caps or not number.isdigit() or int(number) > caps[name]:
            hint = "写成 分项=分值，分项有 " + "、".join(
                f"{d.name}（{d.label}）0–{d.cap}" for d in direction.dimensions
            )
            raise ClueError("CE-U01", f"分值“{each[:20]}”不对", place="rules new --points", hint=hint)
        found[name] = int(number)
    return found


def _ask_points(direction: Direction) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in direction.dimensions:
        word = _ask(f"{one.label}（{one.name}）加几分，最多 {one.cap}", "0")
        found |= _points([f"{one.name}={word}"], direction) if word != "0" else {}
    return found
