"""The rows of one sheet as they are read, kept in an Arrow file of text until their source is known.

Comes in: columns of text, a piece of the sheet at a time. Goes out: a file with row_no (from 1, as a spreadsheet
counts) and c1…, and the first rows. Blank rows at the end, and long stretches of them, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

MAX_BLANK = 1000  # longer stretches of blank rows are styled cells, not rows of the table


class StagedSheet:
    """A context: ``add`` pieces of equal width in their order; then ``facts``."""

    def __init__(self, path: Path, width: int, n_preview: int) -> None:
        import pyarrow as pa

        self.path, self.width = path, width
        self.preview: list[list[str]] = []
        self.n_rows = 0
        self._n_preview = n_preview
        self._row_no = self._blank = 0  # rows seen; blank rows at their end
        self._schema = pa.schema([("row_no", pa.int64()), *((f"c{i + 1}", pa.string()) for i in range(width))])

    def __enter__(self) -> StagedSheet:
        import pyarrow as pa

        self._sink = pa.OSFile(str(self.path), "wb")
        self._writer = pa.ipc.new_file(self._sink, self._schema)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._writer.close()
        self._sink.close()

    @property
    def facts(self) -> dict[str, Any]:
        """What a reader process tells of the sheet."""
        told = {"n_rows": self.n_rows, "n_columns": self.width}
        return {**told, "preview": self.preview, "staged": str(self.path)}

    def add(self, columns: Sequence[pa.Array]) -> None:
        """The next rows of the sheet; NULL is an empty cell."""
        import numpy as np
        import pyarrow as pa

        n = len(columns[0]) if columns else 0
        kept = _filled(columns, n)
        places = np.flatnonzero(kept)
        if len(places):
            gaps = np.diff(places, prepend=-1) - 1
            gaps[0] += self._blank
            for i in np.flatnonzero((gaps > 0) & (gaps <= MAX_BLANK)):
                start = int(places[i] - gaps[i])
                kept[max(start, 0) : places[i]] = True
                if start < 0:  # the stretch began in an earlier piece
                    self._write(np.arange(start, 0) + self._row_no, [pa.array([""] * -start)] * self.width)
            mask = None if kept.all() else pa.array(kept)
            self._write(np.flatnonzero(kept) + self._row_no, [c if mask is None else c.filter(mask) for c in columns])
            self._blank = n - 1 - int(places[-1])
        else:
            self._blank += n
        self._row_no += n

    def _write(self, places: np.ndarray, columns: Sequence[pa.Array]) -> None:
        import pyarrow as pa

        rows = pa.record_batch([pa.array(places + 1, pa.int64()), *columns], schema=self._schema)
        self._writer.write_batch(rows)
        self.n_rows += rows.num_rows
        first = rows.slice(0, self._n_preview - len(self.preview)).columns[1:]
        self.preview += [list(row) for row in zip(*(c.fill_null("").to_pylist() for c in first), strict=True)]


def _filled(columns: Sequence[pa.Array], n: int) -> np.ndarray:
    """Which rows have a cell with something in it."""
    import numpy as np
    import pyarrow.compute as pc

    filled = np.zeros(n, bool)
    for column in columns:
        filled |= pc.fill_null(pc.not_equal(column, ""), False).to_numpy(zero_copy_only=False)
        if filled.all():
            break
    return filled
