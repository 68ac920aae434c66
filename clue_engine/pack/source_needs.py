"""What a source must give of each kind of record so that its rows can be anybody's: a role, a name, a number (CE035).

Comes in: a source with the columns of its parent, ``must`` of records.yaml. Goes out: message and hint per kind that
lacks something. A source with ``needs`` says by itself what must be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from clue_engine.pack.model import RecordKind, Source


def unreachable(source: Source, records: Mapping[str, RecordKind]) -> Iterator[tuple[str, str]]:
    """The kinds of record of which the rows of a source would say nothing about anybody."""
    if {"plain", "needs"} & set(source.options.get("recognise", {})):
        return
    given = {target for column in source.columns for target in column.fields} | set(source.constants)
    for name in source.records:
        kind = records.get(name)
        picked = name in source.options.get("rows", {})  # rows that are picked one by one: each is a case of its own
        for what, fields in kind.must.items() if kind else ():
            wanted = [field if "." in field else f"{name}.{field}" for field in fields]
            numbers = kind is not None and all(f.type == "caseno" for f in kind.fields if f.name in fields)
            if not given.intersection(wanted) and not (picked and numbers):
                lacks = f"却没有{what}（{'、'.join(wanted)} 一项也没有），这些行谁也对不上"
                yield (
                    f"来源“{source.id}”的行作“{name}”用，{lacks}",
                    f"给这一列写上 to: {wanted[0]}；整张表都一样的写成 constants: {{{wanted[0]}: …}}",
                )
