"""Forms with a file, as RFC 7578 has them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from aisbench.types.http import HttpRequest


def post_file(
    path: str, fields: Mapping[str, str], name: str, mime: str, content: bytes, field: str = "file"
) -> HttpRequest:
    """A form with ``fields``, in their order, and then a file called ``name``. The same form has
    the same bytes: its border is a hash of it."""
    hashed = hashlib.sha256(repr([*fields.items(), name]).encode("utf-8", "surrogatepass"))
    hashed.update(content)
    border = f"aisbench-{hashed.hexdigest()[:32]}"
    parts = [_part(border, {"name": key}, value.encode()) for key, value in fields.items()]
    parts.append(_part(border, {"name": field, "filename": name}, content, mime))
    return HttpRequest(
        method="POST",
        path=path,
        body=b"".join((*parts, f"--{border}--\r\n".encode("ascii"))),
        headers={
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Accept": "application/json",
        },
    )


def _part(border: str, named: Mapping[str, str], content: bytes, mime: str = "") -> bytes:
    told = "".join(f'; {key}="{_quoted(value)}"' for key, value in named.items())
    kind = f"Content-Type: {mime}\r\n" if mime else ""
    head = f"--{border}\r\nContent-Disposition: form-data{told}\r\n{kind}\r\n"
    return head.encode() + content + b"\r\n"


def _quoted(value: str) -> str:
    """Percent signs for what would end a name, as browsers write them."""
    return value.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
