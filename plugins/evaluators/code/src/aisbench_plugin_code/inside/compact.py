"""JSON without the package ``json``, whose import of ``re`` would cost a quarter of a start."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

try:
    from _json import encode_basestring, make_encoder, make_scanner
except ImportError:  # a Python that is not CPython
    import json

    def dumps(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def loads(text: str) -> Any:
        """Raises ValueError, RecursionError."""
        return json.loads(text)
else:

    class _Settings:
        """What the scanner asks for: plain JSON, with NaN and the infinities."""

        strict = True
        object_hook = object_pairs_hook = None
        parse_float, parse_int = float, int
        parse_constant = {
            "NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf"),
        }.__getitem__  # fmt: skip

    def _refuse(value: object) -> None:
        raise TypeError(f"no JSON: {type(value).__name__}")

    _scan = make_scanner(_Settings)  # type: ignore[arg-type]
    _encode = make_encoder(None, _refuse, encode_basestring, None, ":", ",", False, False, True)

    def dumps(value: Any) -> str:
        return "".join(_encode(value, 0))

    def loads(text: str) -> Any:
        try:
            value, end = _scan(text, 0)
        except StopIteration:
            raise ValueError("no JSON") from None
        if end != len(text):
            raise ValueError("no JSON: more after its end")
        return value
