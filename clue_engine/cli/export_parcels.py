"""export --for: the letter, the list and the visit forms for one receiver, a folder per township."""

from __future__ import annotations

from pathlib import Path

from clue_engine.errors import EXIT_OK, EXIT_PARTLY


def export_parcels(
    workspace: Path, out: Path, rules: Path | None, receiver: str, by_town: bool, unmask: str | None,
    unmask_only: str | None, wait: float,
    json: bool,
) -> int:  # fmt: skip
    from clue_engine.cli.screen import print_json, say
    from clue_engine.cli.summary import tell_troubles
    from clue_engine.enquiry.run import load_scanned, scan_date
    from clue_engine.export.parcel import Unmask, write_parcels
    from clue_engine.export.trouble import troubles
    from clue_engine.workspace import Workspace

    pack = load_scanned(workspace, rules)
    with Workspace.open(workspace, create=False, wait=wait) as ws:
        as_of = scan_date(ws)
        told = troubles(ws, pack)
        shown = None
        if unmask is not None:
            shown = Unmask(unmask, (unmask_only,)) if unmask_only else Unmask(unmask)
        folders, behind = write_parcels(ws, pack, receiver, out, as_of, by_town=by_town, unmask=shown)
    tell_troubles(told, as_json=json)
    left = {why: n for why, n in sorted(behind.items()) if n}
    if json:
        print_json({"troubles": told, "folders": [str(f) for f in folders], "left_out": left})
    else:
        for folder in folders:
            print(folder)
        say(f"已写出 {len(folders)} 份移送件，每份有移送函、清单、入户核查表和 manifest.json，已逐份记入审计。")
        if left:
            say(f"没有放进移送件的：{'、'.join(f'{why} {n} 条' for why, n in left.items())}（疑似、待核的先核实）。")
        say("函里的文号、日期、单位和联系人留空，由办公室填写。")
    return EXIT_PARTLY if told else EXIT_OK
