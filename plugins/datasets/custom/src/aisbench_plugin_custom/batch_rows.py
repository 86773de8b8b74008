"""Rows that are no questions: texts for embeddings or labels, a query with documents, a sound."""

from __future__ import annotations

from aisbench.api import DataError, JsonValue
from aisbench.data import Row, parse_json
from aisbench_plugin_custom.settings import CustomColumns


def batch_fields(row: Row, columns: CustomColumns) -> dict[str, JsonValue]:
    """``texts``, or ``query`` and ``documents``; none for a row with a sound alone. Raises
    DataError for what is no text."""
    found: dict[str, JsonValue] = {}
    if columns.texts in row.cells:
        found["texts"] = _list(row, columns.texts)
    if columns.documents in row.cells:
        found["documents"] = _list(row, columns.documents)
        query = row.cells.get(columns.query)
        if not isinstance(query, str) or not query.strip():
            raise DataError(
                f"{row.place}: no query under {columns.query!r} for its documents",
                hint='if the column is called otherwise, set columns = { query = "..." }',
            )
        found["query"] = query
    if not found and not any(name in row.cells for name in columns.audio):
        raise DataError(
            f"{row.place}: neither {columns.texts!r} nor {columns.documents!r} nor a sound "
            f"(columns: {', '.join(row.cells)})",
            hint='name the columns: columns = { texts = "question" }, or { audio = ["sound"] }',
        )
    return found


def _list(row: Row, name: str) -> JsonValue:
    """One text, or a list of them; in CSV a list stands there as JSON."""
    value = row.cells[name]
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = parse_json(value, row.place)
    texts = [value] if isinstance(value, str) else value
    if (
        not isinstance(texts, (list, tuple))
        or not texts
        or not all(isinstance(one, str) and one.strip() for one in texts)
    ):
        raise DataError(
            f"{row.place}: {name!r} holds no texts", hint='write ["first text", "second text"]'
        )
    return list(texts)
