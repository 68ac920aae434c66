"""What a run says at its end: files, links, clues, what is unknown, where the outputs are, the next command.

Comes in: the tables of a workspace. Goes out: plain values (``summary``) and their picture on the terminal.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

from clue_engine.cli.config import at
from clue_engine.cli.screen import print_json, print_table, say, style, talk
from clue_engine.errors import EXIT_OK, EXIT_PARTLY
from clue_engine.export.caveats import caveats, restricted_counts
from clue_engine.export.privacy import WHO_SEES, redact
from clue_engine.export.trouble import nothing_found, troubles
from clue_engine.export.unread import blank, left_out, unread_columns, unread_values
from clue_engine.export.unused import how

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clue_engine.errors import Diagnostic
    from clue_engine.pipeline import Job
    from clue_engine.workspace import Workspace

_KINDS = {
    "identity_conflict": "证件号码与姓名冲突", "several_candidates": "不止一人相符",
    "household_proposal": "近亲属依据不足",
}  # fmt: skip


def progress() -> Callable[[str], None]:
    """Says what happens, on a terminal or with --verbose: in a pipe or a log the summary is enough."""
    if talk.quiet or not (sys.stderr.isatty() or talk.verbose):
        return lambda _: None
    started = time.monotonic()

    def told(text: str) -> None:
        seconds = f"（第 {time.monotonic() - started:.1f} 秒）" if talk.verbose else ""
        print(f"  {text} …{seconds}", file=sys.stderr, flush=True)

    return told


def tell_sources(errors: Sequence[Diagnostic]) -> None:
    """Errors in files of sources/: what they say is not known in this run, which may empty a list."""
    if errors:
        from clue_engine.pack.render import render_all

        say(f"{render_all(errors)}\n注意：来源文件有错，写错的取值按不知道处理，名单可能不全。改正后重新运行。")


def summary(ws: Workspace, job: Job, last: str = "export") -> dict[str, Any]:
    """The values of a summary as far as the stations have run."""
    found: dict[str, Any] = {"troubles": troubles(ws, job.pack), "nothing_found": ""}
    found |= {"files": _files(ws), "errors": [str(e) for e in job.errors], "rule_errors": []}
    found["stage"] = last
    found["unchanged"] = job.unchanged
    found["changes"] = _changes(ws)
    found["issues"] = ws.dicts(
        "select code, split_part(min(detail), '：', 1) as said, count(*)::bigint as n from issue"
        " group by code order by n desc, code"
    )
    found["unused_columns"] = _columns_told(ws, "COLUMN_BEATEN", "COLUMN_OLDER")
    found["inferred_columns"] = _columns_told(ws, "COLUMN_INFERRED")
    found["doubtful_columns"] = [c | {"do": _doubted(c)} for c in _columns_told(ws, "COLUMN_DOUBTFUL")]
    found["unread_values"] = [str(u) for u in unread_values(ws, job.pack) if not u.needed]
    found["unread_columns"] = unread_columns(ws, job.pack)
    found["left_out"] = left_out(ws, job.pack) + blank(ws)
    if last in ("link", "clue", "export"):
        found["links"] = ws.dicts(
            "select l.tier, t.meaning, l.strength, count(*) as n from link_party as l join tier as t on t.code = l.tier"
            " group by all order by l.tier, l.strength"
        )
        found["reviews"] = ws.dicts(
            "select kind, count(*) as n from review_item where decision is null group by kind order by kind"
        )
    if last in ("clue", "export"):
        found["as_of"] = job.day(ws).isoformat()
        found["clues"] = ws.dicts(
            "select direction, status, band, count(*) as n from clue group by all order by direction, status, band"
        )
        found["bands"] = {band.name: band.label for d in job.pack.directions for band in d.bands}
        found["new_numbers"] = job.new_numbers
        found["ledger"] = job.ledger is not None
        found["restricted"] = restricted_counts(ws)
        found["undecided"] = ws.dicts(
            "select direction, n from clue_count where what = '信息不足、暂不列出' order by 1"
        )
        found["missing"] = ws.dicts(
            "select field_label, holder, count(distinct clue_id) as n from clue_missing where decides "
            "group by all order by n desc, field_label limit 8"
        )
        found["rule_errors"] = ws.dicts("select rule_id, error from rule_run where error is not null order by rule_id")
        found["caveats"] = [text for text in caveats(ws, job.pack, found["troubles"]) if text not in found["troubles"]]
        found["notices"] = job.notices
        found["nothing_found"] = nothing_found(ws, found["troubles"])
    if last == "export" and job.out is not None:
        found["out"] = str(job.out)
    found["seconds"] = {k: round(v, 2) for k, v in job.seconds.items()}
    found["workspace"] = str(ws.directory)
    return found


def _columns_told(ws: Workspace, *codes: str) -> list[dict[str, Any]]:
    """What is said of single columns, by file."""
    return ws.dicts(
        "select f.name, f.sheet, i.column_name, substr(i.detail, strpos(i.detail, '：') + 1) as said"
        " from issue as i join input_file as f using (file_id) where list_contains(?, i.code) order by i.file_id, said",
        [list(codes)],
    )


def _doubted(column: dict[str, Any]) -> str:
    """What to do about a column that looks like a field and is not used."""
    label, _, why = str(column["said"]).removeprefix(f"“{column['column_name']}”像“").partition("”，")
    return how(redact(column["name"]), redact(column["column_name"]), [f"{label}，{why}"], label)


def _files(ws: Workspace) -> list[dict[str, Any]]:
    return ws.dicts(
        "select name, sheet, status, source_label, encoding, header_row, n_read, n_loaded, n_rejected, "
        "snapshot_date::varchar as snapshot_date, reason from input_file order by file_id"
    )


def _changes(ws: Workspace) -> list[dict[str, Any]]:
    """What newer exports changed, by source."""
    if not ws.has_table("snapshot_change"):
        return []
    return ws.dicts(
        "select s.source_label, f.name, o.name as older, "
        "count(*) filter (change = '新增')::int as added, count(*) filter (change = '变化')::int as changed, "
        "count(*) filter (change = '消失')::int as gone from snapshot_change as c "
        "join input_file as f using (file_id) join input_file as o on c.older_file_id = o.file_id "
        "join (select distinct source_id, source_label from input_file) as s on s.source_id = c.source_id "
        "group by all order by all"
    )


def exit_code(found: dict[str, Any], told: Sequence[Diagnostic] = ()) -> int:
    """3 when something was not of use: a file, a column, a rule, a source that ``told`` names, or the whole list."""
    return EXIT_PARTLY if told or found["troubles"] or found["errors"] or found["rule_errors"] else EXIT_OK


def print_summary(found: dict[str, Any], *, as_json: bool) -> None:
    tell_troubles(found["troubles"], as_json=as_json)
    if as_json:
        print_json(found)
        return
    if found["nothing_found"]:
        print(style(found["nothing_found"], "bold"))
    _heading("读到的文件")
    print_table(
        ("文件", "认作", "编码", "表头行", "读取=装载+拒绝"),
        [
            (
                f["name"] + (f" [{f['sheet']}]" if f["sheet"] else ""),
                f["source_label"] if f["status"] == "loaded" else f"未装载：{f['reason']}",
                f["encoding"] or "",
                f["header_row"] or "",
                f"{f['n_read']}={f['n_loaded']}+{f['n_rejected']}" if f["status"] == "loaded" else "",
            )
            for f in found["files"]
        ],
    )
    for f in found["files"]:
        if f["status"] == "loaded" and (found["stage"] == "clean" or "；" in f["reason"]):
            print(f"{f['name']}{' [' + f['sheet'] + ']' if f['sheet'] else ''}：{f['reason']}")
    if found.get("parameters"):
        print(f"本县口径：{found['parameters']}")
    tell_advice(found)
    if found["unchanged"]:
        print("这些文件先前都已载入，没有新内容，工作区没有改动。")
    for c in found["changes"]:
        print(f"{c['name']} 与 {c['older']} 相比：新增 {c['added']}、变化 {c['changed']}、消失 {c['gone']}")
    if found["issues"]:
        _heading("数据疑点（明细在 rejects.csv）")
        print_issues(found)
    if "links" in found:
        _heading("当事人与名册")
        print_table(
            ("依据", "级别", "人次"),
            [(r["meaning"], r["strength"], r["n"]) for r in found["links"]],
        )
        if found["reviews"]:
            print("需要人工核对：" + "、".join(f"{_KINDS[r['kind']]} {r['n']} 件" for r in found["reviews"]))
    if "clues" in found:
        _clues(found)
    _next(found)


def print_issues(found: dict[str, Any]) -> None:
    print_table(("疑点", "处数"), [(i["said"], i["n"]) for i in found["issues"]])


def tell_advice(found: dict[str, Any]) -> None:
    """What was refused and what became of single columns, with what to do."""
    for error in found["errors"]:
        print(style(error, "red", sys.stderr), file=sys.stderr)
    for b in found["unused_columns"]:
        print(f"{b['name']}{' [' + b['sheet'] + ']' if b['sheet'] else ''}：{b['said']}")
    _columns(found)


def _columns(found: dict[str, Any]) -> None:
    """Which columns were understood by evidence, and which look like a field and are not used."""
    inferred: dict[str, list[str]] = {}
    for c in found["inferred_columns"]:
        inferred.setdefault(c["name"] + (f" [{c['sheet']}]" if c["sheet"] else ""), []).append(c["said"].split("，")[0])
    for name, said in inferred.items():
        print(f"{name}：按表头和内容推定的列，请核对：{'、'.join(said)}")
    for c in found["doubtful_columns"]:
        name = c["name"] + (f" [{c['sheet']}]" if c["sheet"] else "")
        print(style(f"{name}：没有用的列{c['said']}", "bold"))
        print(f"  {c['do']}")
    for text in found["unread_columns"]:
        print(style(text, "bold"))
    for said in (*found["unread_values"], *found["left_out"]):
        print(said)


def tell_troubles(told: Sequence[str], *, as_json: bool) -> None:
    """Before anything else, for whoever reads: on both streams, once where both are the same terminal."""
    for text in told:
        print(style(text, "red", sys.stderr), file=sys.stderr)
    if not as_json and not (sys.stdout.isatty() and sys.stderr.isatty()):
        for text in told:
            print(text)


def _clues(found: dict[str, Any]) -> None:
    _heading(f"线索（扫描日 {found['as_of']}）")
    table: dict[tuple[str, str], dict[str, int]] = {}
    for r in found["clues"]:
        table.setdefault((r["direction"], r["status"]), {})[r["band"] or ""] = r["n"]
    order = {"线索": 0, "待核": 1, "试行": 3, "搁置": 4}
    folded = {direction: sum(counts.values()) for (direction, status), counts in table.items() if status == "折叠"}
    bands = sorted({b for counts in table.values() for b in counts})
    print_table(
        ("方向", "状态", *(found["bands"].get(b, b) or "未分级" for b in bands), "合计"),
        [
            (direction, status, *(counts.get(b, 0) for b in bands), sum(counts.values()))
            for (direction, status), counts in sorted(table.items(), key=lambda x: (x[0][0], order.get(x[0][1], 9)))
            if status != "折叠"
        ],
    )
    if folded:
        each = "、".join(f"{direction} {n}" for direction, n in sorted(folded.items()))
        print(f"另有 {sum(folded.values())} 户次待核没有列出（{each}）：逐户在 pending.csv，先核已列出的。")
    if found["undecided"]:
        each = "、".join(f"{row['direction']} {row['n']}" for row in found["undecided"])
        n = sum(row["n"] for row in found["undecided"])
        print(f"还有 {n} 户次缺不止一项事实，不能判断，不在任何清单里（{each}）：可用 why-not 逐户查看。")
    if found["new_numbers"] is not None:
        n_clues = sum(r["n"] for r in found["clues"])
        new = found["new_numbers"]
        how = "；要与以前的清单同号，写 --carry 旧工作区" if new == n_clues and not found["ledger"] else ""
        print(f"线索编号：沿用 {n_clues - new} 条，新编 {new} 条{how}")
    if found["restricted"]:
        each = "、".join(f"{direction} {n}" for direction, n in found["restricted"].items())
        n_restricted = sum(found["restricted"].values())
        print(f"受限 {n_restricted} 条（{each}）：{WHO_SEES}，用 clue-engine export --restricted 交给专人")
    if found["missing"]:
        print(
            "补上这一项就能判断："
            + "、".join(f"{m['field_label']}（{m['holder'] or '承办人'}）{m['n']} 户" for m in found["missing"])
        )
    for text in found["notices"] + found["caveats"]:
        print(f"注意：{text}")
    for r in found["rule_errors"]:
        print(style(f"规则 {r['rule_id']} 没有运行：{r['error']}", "red", sys.stderr), file=sys.stderr)


def _next(found: dict[str, Any]) -> None:
    print()
    where = at(found["workspace"])
    if found["troubles"] and "clues" in found:
        place = f"（{found['out']}）" if "out" in found else ""
        print(f"这次的结果{place}不完整，不能当作清单用：先按最前面的提示处理，再重新运行。")
    elif "out" in found and found["nothing_found"]:
        print(f"没有线索可看，空的清单在 {found['out']}。各列填写得怎样：clue-engine quality{where}")
    elif "out" in found:
        print(f"线索清单在 {found['out']}：先打开 clues.xlsx。线索只供人工核查，不是认定结论。")
        then = f"    clue-engine show 线索编号{where}"
        if not where:
            then = "    clue-engine changes    clue-engine refer --to 单位 --dry-run"
        print(f"下一步：clue-engine clues{where}{then}")
    elif "clues" in found:
        print(f"下一步：clue-engine export{where} --out 线索清单")
    elif "links" in found:
        print(f"下一步：clue-engine review list{where}    clue-engine scan{where}")
    else:
        print(f"下一步：clue-engine link{where}")


def _heading(text: str) -> None:
    print()
    print(style(text, "bold"))
