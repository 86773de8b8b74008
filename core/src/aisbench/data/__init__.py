"""What data sets have in common. Public: plugins import it beside ``aisbench.api``.

It reads tables of all formats, with errors that name file and line, and finds the files.
"""

from __future__ import annotations

from aisbench.data.cells import unusable, why_unusable
from aisbench.data.filling import fill_places
from aisbench.data.folders import folder_of, require_file
from aisbench.data.media_cells import media_at
from aisbench.data.raw_cells import rows_with_raw
from aisbench.data.row import Row
from aisbench.data.tables import FORMATS, read_table, whole_number
from aisbench.data.text import parse_json, read_text
from aisbench.media.values import is_media, media_of, media_value
from aisbench.store.long_texts import long_text, with_long_texts

__all__ = [
    "FORMATS",
    "Row",
    "fill_places",
    "folder_of",
    "is_media",
    "long_text",
    "media_at",
    "media_of",
    "media_value",
    "parse_json",
    "read_table",
    "read_text",
    "require_file",
    "rows_with_raw",
    "unusable",
    "whole_number",
    "why_unusable",
    "with_long_texts",
]
