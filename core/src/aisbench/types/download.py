"""A file that ``aisbench datasets fetch`` can get."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Download:
    """``url`` is saved as ``filename`` in the data set's folder if its bytes have ``sha256``."""

    url: str
    filename: str
    sha256: str
