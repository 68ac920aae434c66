"""Letters and forms from templates that the office edits in its word processor: rules/templates/*.docx.

Comes in: a template's name, values by the names that stand in it in braces. Goes out: the bytes of a .docx; the same
values give the same bytes. A template of the pack comes first, else the one that comes with the program.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from clue_engine.errors import ClueError
from clue_engine.pack.load import default_root
from clue_engine.pack.model import Pack

FOLDER = "templates"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # in place of the time of writing


def filled(pack: Pack, name: str, values: Mapping[str, object]) -> bytes:
    """The template with its values. Raises CE-X11 for one that cannot be read or asks for what there is not."""
    import jinja2
    from docxtpl import DocxTemplate
    from jinja2.sandbox import SandboxedEnvironment

    path = Path(pack.root) / FOLDER / name
    if not path.is_file():
        path = default_root() / FOLDER / name
    made = io.BytesIO()
    try:
        template = DocxTemplate(path)
        # a template comes from outside: it reads the values and nothing else, and a misspelt name is told
        template.render(dict(values), SandboxedEnvironment(undefined=jinja2.StrictUndefined), autoescape=True)
        template.save(made)
    except jinja2.TemplateError as error:
        raise _broken(path, f"模板里的标记有错（{error.message}）") from None
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise _broken(path, "模板打不开，不是 Word 文档（.docx）") from None
    return _without_time(made.getvalue())


def _broken(path: Path, message: str) -> ClueError:
    hint = f"改正标记，或用程序自带的 {default_root() / FOLDER / path.name} 重新开始"
    return ClueError("CE-X11", f"{message}；没有写出任何文件", place=str(path), hint=hint)


def _without_time(document: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, _EARLIEST), old.read(part), zipfile.ZIP_DEFLATED)
    return made.getvalue()
