"""Tests as LiveCodeBench packs them: JSON, or JSON in a text that is pickled, compressed with zlib
and written in base64. Nothing is unpickled: of pickle's machine only what makes a single text is
known here, so that a file can name no code to be run.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from attrs import frozen

from aisbench.api import DataError

MOST = 1 << 30
"""Bytes that packed tests may have when they are unpacked."""


@frozen
class IoTest:
    """An input, and the output that is right. With ``function`` they are JSON: an argument a line,
    and the value of the call."""

    given: str
    expected: str
    function: bool = False


def read_tests(value: object) -> list[IoTest]:
    """From the column of a row: a list, its JSON, or that packed. Raises DataError."""
    rows: object = value
    if isinstance(value, str):
        text = value.strip()
        if not text:
            return []
        try:
            rows = json.loads(text if text[0] in "[{" else unpacked(text))
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"tests are no JSON: {error}", hint="is the file whole? fetch it again"
            ) from None
    if not isinstance(rows, list):
        raise DataError(
            f"tests are {type(rows).__name__}, not a list",
            hint="a list of objects with input, output and testtype",
        )
    return [_test(row, number) for number, row in enumerate(rows)]


def _test(row: object, number: int) -> IoTest:
    match row:
        case {"input": str(given), "output": str(expected), **more}:
            kind = more.get("testtype", "stdin")
            if kind in ("stdin", "functional"):
                return IoTest(given, expected, kind == "functional")
            raise DataError(
                f"test {number + 1} has testtype {kind!r}",
                hint='it must be "stdin" or "functional"',
            )
    raise DataError(
        f"test {number + 1} has no texts input and output",
        hint="a list of objects with input, output and testtype",
    )


def unpacked(text: str) -> str:
    """The text that is packed in base64, zlib and pickle. Raises DataError."""
    try:
        squeezed = base64.b64decode(text, validate=True)
        machine = zlib.decompressobj()
        content = machine.decompress(squeezed, MOST)
    except (binascii.Error, ValueError, zlib.error) as error:
        raise DataError(
            f"packed tests cannot be unpacked: {error}", hint="is the file whole? fetch it again"
        ) from None
    if machine.unconsumed_tail:
        raise DataError(f"packed tests are larger than {MOST >> 20} MB", hint="is this the file?")
    if not machine.eof:
        raise DataError("packed tests end in the middle", hint="is the file whole? fetch it again")
    return pickled_text(content)


_TEXTS = {0x8C: 1, 0x58: 4, 0x8D: 8}
"""Instructions that push a text (SHORT_BINUNICODE, BINUNICODE, BINUNICODE8), and how many bytes
its length takes."""
_SKIPPED = {0x80: 1, 0x95: 8, 0x94: 0, 0x71: 1, 0x72: 4}
"""PROTO, FRAME, MEMOIZE, BINPUT and LONG_BINPUT, and how many bytes follow: without meaning where
there is one text."""
_STOP = 0x2E


def pickled_text(content: bytes) -> str:
    """The one text in a pickle (protocol 1 and later; PEP 3154). Raises DataError for a pickle of
    anything else."""
    found: str | None = None
    place = 0
    while place < len(content):
        instruction = content[place]
        place += 1
        if instruction == _STOP:
            if found is not None and place == len(content):
                return found
            break
        if instruction in _SKIPPED:
            place += _SKIPPED[instruction]
        elif instruction in _TEXTS and found is None:
            start = place + _TEXTS[instruction]
            end = start + int.from_bytes(content[place:start], "little")
            if end > len(content):
                break
            try:
                found = content[start:end].decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                break
            place = end
        else:
            break
    raise DataError(
        "packed tests are a pickle of something else than one text",
        hint="nothing but a text is unpacked, as a pickle can run any code; use the official file",
    )


def first_failing(tests: Sequence[IoTest], outputs: Sequence[str]) -> tuple[int, str] | None:
    """The first test whose output is wrong, and why; None where all are right."""
    for number, (test, output) in enumerate(zip(tests, outputs, strict=False)):
        why = (
            value_fault(test.expected, output)
            if test.function
            else output_fault(test.expected, output)
        )
        if why:
            return number, why
    return None


def output_fault(expected: str, output: str) -> str:
    """Why printed text is wrong, "" if it is right, as LiveCodeBench compares it: line by line,
    blanks around the text and around each line left out; a line that is not the same must hold
    the same decimal numbers."""
    ours, theirs = _stripped(output), _stripped(expected)
    if len(ours) != len(theirs):
        return f"{len(ours)} lines, expected {len(theirs)}"
    for number, (got, wanted) in enumerate(zip(ours, theirs, strict=True), 1):
        if got != wanted and not _same_numbers(got, wanted):
            return f"line {number} is {got[:80]!r}, expected {wanted[:80]!r}"
    return ""


def value_fault(expected: str, value: str) -> str:
    """Why the value of a call, as JSON, is wrong, "" if it is right."""
    try:
        wanted, got = json.loads(expected), json.loads(value)
    except (ValueError, RecursionError):
        return f"the value is {value[:80]}, expected {expected[:80]}"
    try:
        same = got == wanted
    except RecursionError:
        same = False
    return "" if same else f"the value is {value[:80]}, expected {expected[:80]}"


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.strip().split("\n")]


def _same_numbers(one: str, other: str) -> bool:
    try:
        ours = [Decimal(word) for word in one.split()]
        theirs = [Decimal(word) for word in other.split()]
        return ours == theirs
    except InvalidOperation:
        return False
