"""The charts of the report: a grid's drawn columns as inline SVG, by pygal.

Comes in: a ``Grid``. Goes out: SVG whose text is text, without script, request or date, the same bytes for the same
grid. A number that is hidden or unknown is written where its bar would stand, never drawn as nought. What is left out
of a long table is left out at its end; the table beside the chart has every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clue_engine.feedback.figures import Grid
from clue_engine.values.text import character_width, width

if TYPE_CHECKING:
    import pygal

WIDTH = 520  # of the drawing's own units: on a telephone its letters still have 9 px
MOST = 12  # bars that still compare at one look
_LETTER, _ROW, _WORD = 12, 22, 26  # px; px; columns of the screen that a label may take
COLOURS = ("#8a1c1c", "#c98b5f", "#8c8c8c")


def chart(grid: Grid, name: str) -> str:
    """The drawing of a grid; empty when fewer than two numbers could be compared. ``name``: unique in the page."""
    rows = grid.rows if grid.over_time else grid.rows[:MOST]
    numbers = [row[place] for row in rows for place in grid.bars if _is_number(row[place])]
    if len(numbers) < 2 or not any(numbers):
        return ""
    drawn = _lines(grid) if grid.over_time else _bars(grid)
    drawn.uuid = name
    drawn.add_xml_filter(lambda root: _still(root, grid.title))
    return str(drawn.render(is_unicode=True))


def left_out(grid: Grid) -> int:
    """Rows of the table that its chart has no room for."""
    return 0 if grid.over_time else max(0, len(grid.rows) - MOST)


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float)


def _bars(grid: Grid) -> pygal.HorizontalBar:
    """The first row on top: pygal draws from the bottom."""
    import pygal

    rows = grid.rows[:MOST][::-1]
    labels = [_short(str(row[0])) for row in rows]
    drawn = pygal.HorizontalBar(
        height=_ROW * len(rows) * (1 + len(grid.bars)) // 2 + 60, print_values=True, print_values_position="top",
        margin_left=_extra(labels), margin_right=40, **_look(grid),
    )  # fmt: skip
    drawn.x_labels = labels
    for place in grid.bars:
        drawn.add(grid.headings[place], [_value(row[place]) for row in rows])
    return drawn


def _value(cell: object) -> dict[str, object]:
    return {"value": cell if _is_number(cell) else 0, "formatter": lambda _: str(cell)}


def _lines(grid: Grid) -> pygal.Line:
    import pygal

    drawn = pygal.Line(height=240, margin_right=20, allow_interruptions=True, range=(0, _top(grid)), **_look(grid))
    drawn.x_labels = [str(row[0]) for row in grid.rows]
    for place in grid.bars:
        drawn.add(grid.headings[place], [row[place] if _is_number(row[place]) else None for row in grid.rows])
    return drawn


def _top(grid: Grid) -> float:
    return max(float(str(row[place])) for row in grid.rows for place in grid.bars if _is_number(row[place]))


def _look(grid: Grid) -> dict[str, Any]:
    from pygal.style import Style

    style = Style(
        background="transparent", plot_background="transparent", font_family="inherit", colors=COLOURS,
        foreground="#1a1a1a", foreground_strong="#1a1a1a", foreground_subtle="#d5d0c6", opacity=".85",
        transition="none", guide_stroke_color="#d5d0c6", major_guide_stroke_color="#d5d0c6",
        label_font_size=_LETTER, major_label_font_size=_LETTER, value_font_size=_LETTER, legend_font_size=_LETTER,
    )  # fmt: skip
    return {
        "style": style, "width": WIDTH, "margin_top": 4, "margin_bottom": 4, "js": (), "disable_xml_declaration": True,
        "legend_at_bottom": True, "legend_at_bottom_columns": len(grid.bars), "show_legend": len(grid.bars) > 1,
        "truncate_label": -1, "truncate_legend": -1, "max_scale": 6,
    }  # fmt: skip


def _short(label: str) -> str:
    if width(label) <= _WORD:
        return label
    room, kept = _WORD - 2, ""
    for character in label:
        room -= character_width(character)
        if room < 0:
            break
        kept += character
    return f"{kept}…"


def _extra(labels: list[str]) -> int:
    """pygal takes every letter for 0.6 of its height; a Chinese one is as wide as it is high."""
    return round(_LETTER * max(0.0, *(width(label) / 2 - 0.6 * len(label) for label in labels))) + 4


def _still(root: Any, title: str) -> Any:
    """Without what only scripts use, and without the day and the addresses that pygal notes in comments."""
    for parent in list(root.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag in ("script", "desc"):
                parent.remove(child)
            elif child.tag == "title" and parent is root:
                child.text = title
    return root
