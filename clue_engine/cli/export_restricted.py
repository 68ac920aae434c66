"""export --restricted: restricted clues in full, for one receiver, under a password that is typed on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clue_engine.errors import EXIT_OK


def export_restricted(
    workspace: Path, file: Path, rules: Path | None, to: str | None, reason: str | None, numbers: Sequence[str],
    wait: float, json: bool,
) -> int:  # fmt: skip
    from clue_engine.cli.ask import can_ask, new_password, no_terminal
    from clue_engine.cli.screen import say
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.encrypt import STRENGTH, weakness
    from clue_engine.export.restricted import check_file, deliver, purpose, restricted_rows
    from clue_engine.workspace import Workspace

    goal = purpose(to, reason)
    check_file(file)
    if not can_ask(json):
        raise no_terminal()
    pack = load_scanned(workspace, rules)
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        as_of = scan_date(ws)
        rows = restricted_rows(ws, pack, numbers, goal.receiver)
    # nobody waits for the workspace while a person thinks of a password
    password = new_password(weakness, f"受限线索 {len(rows)} 条，交：{goal.receiver}。{STRENGTH}")
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        deliver(ws, pack, rows, file, as_of, goal, password)
    print(file)
    what = "核查表" if file.suffix.lower() == ".docx" else "工作簿"
    say(f"已写出加密的{what}，含受限线索 {len(rows)} 条，已逐条记入审计。密码另行当面或电话告知，不与文件一起送。")
    n_careful = sum(row.careful for row in rows)
    if n_careful:
        say(f"其中谨慎 {n_careful} 条：加害人可能同住，先看“提示”栏再联系；入户核查表用 --out 写成 .docx，同样加密。")
    return EXIT_OK
