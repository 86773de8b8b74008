"""The lines of a run's files: samples, predictions, scores."""

from __future__ import annotations

import math
from base64 import b64decode, b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Union

import cattrs
import orjson
from attrs import field, frozen
from cattrs.gen import make_dict_unstructure_fn, override

from aisbench.base.lenient import whole
from aisbench.store.result_keys import pass_json, register_results
from aisbench.types.anomaly import OddAnswer
from aisbench.types.json import JsonValue
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Prompt
from aisbench.types.response import Fault, Response, TokenLogprob
from aisbench.types.sample import Sample
from aisbench.types.score import Score
from aisbench.types.timing import Timing
from aisbench.types.tuning import TuneValue
from aisbench.types.vectors import Vectors

# Union, not |: it is compared with aliases that are made so.
_BY_NAME: Any = Union[tuple[str, ...], Mapping[str, tuple[str, ...]]]  # noqa: UP007
VERSION = 1
"""Of the row's layout; raised when a reader must know the difference."""


@frozen(kw_only=True)
class FailedAttempt:
    """An attempt that broke, as the journal keeps it."""

    url: str
    timing: Timing
    fault: Fault


@frozen(kw_only=True)
class Prediction:
    """One finished request. ``response`` is as the server sent it, reasoning not yet split."""

    v: int
    key: str
    sample: str
    repeat: int
    turn: int
    seed: int | None
    url: str
    session: int
    """Number of the `aisbench run` that asked it, from 1: resumes count on."""
    prompt: Prompt
    response: Response
    timing: Timing
    failures: tuple[FailedAttempt, ...] = ()


@frozen(kw_only=True)
class ScoreRow:
    """The judgement of one answer, to look at."""

    sample: str
    repeat: int
    target: JsonValue
    score: Score
    truncated: bool = False
    """Cut at max_tokens, even if the answer was already right."""
    part: str = ""
    question: str = ""
    answer: str = ""
    faults: Mapping[str, Any] = field(factory=dict)
    anomalies: tuple[OddAnswer, ...] = ()
    """What is odd about it, whatever its outcome."""


@lru_cache(maxsize=1)
def converter() -> cattrs.Converter:
    """Converts rows and results from and to JSON; keys at their default are left out."""
    made = cattrs.Converter(detailed_validation=False, omit_if_default=True)
    pass_json(made)
    register_results(made)
    # A plain value of JSON, which keeps its type: 1 is not true.
    made.register_structure_hook_func(lambda cls: cls == TuneValue, lambda value, _: value)
    made.register_structure_hook_func(
        lambda cls: cls == _BY_NAME, lambda value, _: _by_name(value)
    )
    made.register_structure_hook_func(
        lambda cls: cls == _CONTENT,
        lambda value, _: (
            value
            if isinstance(value, str)
            else tuple(made.structure(part, ContentPart) for part in value)
        ),
    )
    made.register_unstructure_hook(Media, _without(made, Media, *_UNKEPT))
    made.register_unstructure_hook(Sample, _without(made, Sample, "place"))
    made.register_unstructure_hook(TokenLogprob, _token_cells)
    made.register_structure_hook(TokenLogprob, lambda cells, _: _token(cells))
    made.register_unstructure_hook(Vectors, _vectors_cells)
    made.register_structure_hook(Vectors, lambda cells, _: _vectors(cells))
    return made


_CONTENT = str | tuple[ContentPart, ...]
_UNKEPT = ("data", "kept", "base64", "pixels", "shows", "lasts")
"""Of a content: what can be had again from it."""


def _without(made: cattrs.Converter, cls: type[Any], *names: str) -> Any:
    """An unstructure function without some fields: files of a run hold neither pictures nor the
    places of rows in the user's files."""
    omitted: Any = {name: override(omit=True) for name in names}
    return make_dict_unstructure_fn(cls, made, _cattrs_omit_if_default=True, **omitted)


def _token_cells(one: TokenLogprob) -> list[str | float]:
    """Short, as a long answer has thousands: token and log-probability, then those of ``top`` in
    turn; bytes that the token does not show stand at the end, as hex digits."""
    cells: list[str | float] = [one.token, one.logprob]
    for pair in one.top:
        cells += pair
    if one.raw is not None:
        cells.append(one.raw.hex())
    return cells


def _token(cells: Any) -> TokenLogprob:
    raw = bytes.fromhex(cells[-1]) if len(cells) % 2 else None
    # JSON has no infinity: null is what impossible tokens have.
    values = [-math.inf if one is None else float(one) for one in cells[1::2]]
    texts = cells[: 2 * len(values) : 2]
    first, *top = zip(texts, values, strict=True)
    return TokenLogprob(*first, tuple(top), raw)


def _vectors_cells(one: Vectors) -> dict[str, int | str]:
    """As servers send them: a number is 5.3 characters, and not the 20 that it has as JSON."""
    return {"width": one.width, "float32": b64encode(one.data).decode("ascii")}


def _vectors(cells: Any) -> Vectors:
    return Vectors(cells["width"], b64decode(cells["float32"], validate=True))


def dump_row(row: Prediction | ScoreRow | Sample) -> bytes:
    """One line, with its line end. What JSON or UTF-8 cannot hold (half a surrogate pair, bytes,
    a number beyond 64 bits) is written as what comes nearest: a row is never lost for it."""
    made = converter().unstructure(row)
    try:
        return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return orjson.dumps(_writable(made), option=orjson.OPT_APPEND_NEWLINE)


DEEPEST = 200
"""Levels of nesting that a row keeps; orjson writes no more than 254."""


def _writable(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, str):
        return whole(str(value))
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else whole(str(value)[:100])
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "backslashreplace")
    if depth < DEEPEST and isinstance(value, Mapping):
        return {whole(str(key)): _writable(one, depth + 1) for key, one in value.items()}
    if depth < DEEPEST and isinstance(value, (list, tuple, set, frozenset)):
        return [_writable(one, depth + 1) for one in value]
    return whole(f"<{type(value).__name__}>")


def _by_name(value: Any) -> Any:
    """A list of texts, or lists of them by name."""
    if isinstance(value, Mapping):
        return {name: tuple(some) for name, some in value.items()}
    return tuple(value)
