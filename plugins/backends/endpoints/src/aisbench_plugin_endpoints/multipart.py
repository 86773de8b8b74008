"""Forms with a file, as RFC 7578 has them. The same fields give the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from attrs import frozen


@frozen
class UploadedFile:
    """A file of a form."""

    field: str
    name: str
    mime: str
    content: bytes


@frozen
class MultipartForm:
    """A body and its type."""

    body: bytes
    content_type: str

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]], file: UploadedFile) -> MultipartForm:
        """The fields in order, then the file. The border is a hash of all of it."""
        fields = list(fields)
        hashed = hashlib.sha256(repr(fields).encode("utf-8", "surrogatepass"))
        hashed.update(file.content)
        border = f"aisbench-{hashed.hexdigest()[:32]}"
        parts = [
            _part(border, {"name": name}, value.encode("utf-8", "replace"))
            for name, value in fields
        ]
        named = {"name": file.field, "filename": file.name}
        parts.append(_part(border, named, file.content, file.mime))
        body = b"".join((*parts, f"--{border}--\r\n".encode("ascii")))
        return cls(body, f"multipart/form-data; boundary={border}")


def _part(border: str, named: Mapping[str, str], content: bytes, mime: str = "") -> bytes:
    told = "".join(f'; {key}="{_quoted(value)}"' for key, value in named.items())
    kind = f"Content-Type: {mime}\r\n" if mime else ""
    head = f"--{border}\r\nContent-Disposition: form-data{told}\r\n{kind}\r\n"
    return head.encode("utf-8") + content + b"\r\n"


def _quoted(value: str) -> str:
    """Percent signs for what would end a name, as browsers write them."""
    return value.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
