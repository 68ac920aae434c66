"""Files for the receivers: reads the clue tables, writes CSV, XLSX and JSON. Masked unless a reason is given."""

from clue_engine.export.bundle import export_clues as export_clues
from clue_engine.export.list_rows import Row as Row
from clue_engine.export.list_rows import list_rows as list_rows
