"""The catalogue as Markdown, and as one HTML page that needs no network, no script, and prints on A4.

Comes in: ``Part`` records. Goes out: text.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from clue_engine.language.catalogue import Facts, Part, Table

_STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: #1a1a1a; background: #fff;
  font: 15px/1.7 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimSun", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-bottom: .25rem; border-bottom: 2px solid #8a1c1c; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .3rem 0 .8rem; }
.lead { color: #555; }
nav { margin: 1.2rem 0; padding: .8rem 1.1rem; background: #f6f4f0; border: 1px solid #e2ddd3; }
nav ul { margin: 0; padding: 0; list-style: none; }
nav > ul > li { margin: .2rem 0; }
nav li li { display: inline-block; margin: 0 .9rem .1rem 0; font-size: .9em; }
nav a { color: #7a1818; text-decoration: none; }
nav a:hover { text-decoration: underline; }
pre { margin: .4rem 0 .6rem; padding: .6rem .8rem; background: #f6f8fa; border-left: 3px solid #8a1c1c;
  font: 14px/1.6 "Noto Sans Mono CJK SC", "Sarasa Mono SC", Consolas, "Microsoft YaHei", monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0 1rem; font-size: .92em; }
th, td { border: 1px solid #d5d0c6; padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #f2efe9; font-weight: 600; }
td:first-child { min-width: 6.5em; }
dl { display: grid; grid-template-columns: 7em 1fr; margin: .4rem 0; }
dt { color: #666; }
dd { margin: 0; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  nav { break-after: page; }
  h2 { break-after: avoid; } h3 { break-after: avoid; }
  pre, dl, tr { break-inside: avoid; }
  pre { break-after: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; }
}
"""


def markdown(title: str, lead: str, parts: Sequence[Part]) -> str:
    """One Markdown file."""
    lines = [f"# {title}", "", lead, ""]
    for part in parts:
        lines += [f"{'#' * part.level} {part.title}", ""]
        lines += [part.text, ""] if part.text else []
        for block in part.blocks:
            lines += [*(_facts(block) if isinstance(block, Facts) else _table(block)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _facts(block: Facts) -> list[str]:
    code = ["```text", block.code, "```", ""] if block.code else []
    return code + [f"- {label}:{_plain(text)}" for label, text in block.rows]


def _table(block: Table) -> list[str]:
    rows = [block.headers, tuple("---" for _ in block.headers), *block.rows]
    return ["| " + " | ".join(_plain(cell) for cell in row) + " |" for row in rows]


def _plain(text: str) -> str:
    """A text that Markdown shows as it is: a condition is full of signs that mean something there."""
    for sign in "\\`*_|<>[]#":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


def html(title: str, lead: str, parts: Sequence[Part]) -> str:
    """One page with everything inside."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = [
        "<!DOCTYPE html>",
        '<html lang="zh-CN">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{escape(lead)}</p>',
        *_contents(parts),
    ]
    body: list[str] = []
    for part in parts:
        body.append(f'<h{part.level} id="{escape(part.anchor)}">{escape(part.title)}</h{part.level}>')
        body += [f"<p>{escape(part.text)}</p>"] if part.text else []
        for block in part.blocks:
            body += _html_facts(block) if isinstance(block, Facts) else _html_table(block)
    return "\n".join([*head, *body, "</body>", "</html>"]) + "\n"


def _contents(parts: Sequence[Part]) -> list[str]:
    lines = ['<nav aria-label="目录"><ul>']
    for n, part in enumerate(parts):
        link = f'<a href="#{escape(part.anchor)}">{escape(part.title)}</a>'
        following = parts[n + 1].level if n + 1 < len(parts) else 2
        if part.level == 2:
            lines.append(f"<li>{link}" + ("<ul>" if following == 3 else "</li>"))
        else:
            lines.append(f"<li>{link}</li>" + ("</ul></li>" if following == 2 else ""))
    return [*lines, "</ul></nav>"]


def _html_facts(block: Facts) -> list[str]:
    code = [f"<pre>{escape(block.code)}</pre>"] if block.code else []
    rows = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in block.rows)
    return [*code, f"<dl>{rows}</dl>"] if rows else code


def _html_table(block: Table) -> list[str]:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in block.headers)
    rows = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block.rows]
    return [f"<table><thead><tr>{head}</tr></thead><tbody>", *rows, "</tbody></table>"]
