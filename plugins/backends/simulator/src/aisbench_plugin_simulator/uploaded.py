"""Files that were uploaded, in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from attrs import frozen

MOST_BYTES = 2**30
"""Kept; the oldest files go first."""


@frozen(kw_only=True)
class KeptFile:
    """One file; ``created`` is in s since 1970."""

    id: str
    name: str
    purpose: str
    created: int
    content: bytes

    def told(self) -> dict[str, Any]:
        """OpenAI's file object."""
        return {
            "id": self.id,
            "object": "file",
            "bytes": len(self.content),
            "created_at": self.created,
            "expires_at": None,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
            "status_details": None,
        }


class UploadedFiles:
    """The files by their ids."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, KeptFile] = OrderedDict()
        self._bytes = 0

    def add(self, one: KeptFile) -> None:
        """Keep a file."""
        self._files[one.id] = one
        self._bytes += len(one.content)
        while self._bytes > MOST_BYTES and len(self._files) > 1:
            _, dropped = self._files.popitem(last=False)
            self._bytes -= len(dropped.content)

    def get(self, name: str) -> KeptFile | None:
        """A file; None where there is none with this id."""
        return self._files.get(name)

    def all(self) -> Sequence[KeptFile]:
        """The latest first, as OpenAI lists them."""
        return list(reversed(self._files.values()))

    def remove(self, name: str) -> bool:
        """Whether there was one."""
        found = self._files.pop(name, None)
        if found is None:
            return False
        self._bytes -= len(found.content)
        return True
