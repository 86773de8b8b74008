"""What each request of a recording shows: its latencies, its tokens and its speeds, as columns.

All times of the result are milliseconds and NaN stands for "has none". Definitions, with their
sources, are in :mod:`aisbench.metrics.dictionary`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aisbench.store.recording.columns import ABSENT, Recording

if TYPE_CHECKING:
    from numpy.typing import NDArray

NS_PER_MS = 1e6

STREAMED_ONLY = (
    "ttft",
    "ttft_scheduled",
    "ttfa",
    "tpot",
    "decode_token_throughput",
    "prefill_token_throughput",
)
"""Metrics that an answer sent in one piece cannot have."""


def span_ms(recording: Recording, begin: str, end: str) -> NDArray[np.float64]:
    """The time from stamp ``begin`` to stamp ``end``, NaN where either is absent."""
    first, last = recording.columns[begin], recording.columns[end]
    known = (first != ABSENT) & (last != ABSENT)
    return np.where(known, (last - first) / NS_PER_MS, np.nan)


def brought(recording: Recording) -> NDArray[np.float64]:
    """The output tokens that came with each answered or cut request, NaN where unknown.

    A server sends its count at the end, so a request that was cut has none: its events are
    converted to tokens at the rate of the answered requests, ``sum(tokens) / sum(events)``, which
    is 1 for most servers. The tokens of failed requests are in no figure.
    """
    count = recording.columns.tokens("completion")
    rows = recording.columns.cut
    if not rows.any():
        return count
    events = recording.columns["events"]
    known = recording.columns.succeeded & ~np.isnan(count) & (events > 0)
    an_event = float(count[known].sum()) / int(events[known].sum()) if known.any() else np.nan
    return np.where(rows & np.isnan(count), events * an_event, count)


def empty(recording: Recording, streamed: bool = True) -> NDArray[np.bool_]:
    """The measured requests that succeeded and brought no token.

    Of a streamed answer no event with a token came, and at most one token is counted: servers may
    count the token that ends an answer. Where a body came in place of the stream there are no
    events, and the count decides. Answers that were not to be streamed have nothing but counts.
    Vectors, scores and labels are not empty: they have no tokens to be without.
    """
    columns = recording.columns
    if streamed:
        uncounted = np.logical_not(columns.tokens("completion") > 1)
        nothing: NDArray[np.bool_] = (columns["first_token"] == ABSENT) & uncounted
    else:
        nothing = (columns["completion_tokens"] == 0) | (columns["counted_completion"] == 0)
    found: NDArray[np.bool_] = columns.succeeded & nothing & ~columns.silent
    return found


def several(recording: Recording) -> NDArray[np.bool_]:
    """The requests with two tokens or more: by their count, by their events where it is unknown.

    They alone can have gaps between tokens.
    """
    count = recording.columns.tokens("completion")
    found: NDArray[np.bool_] = np.where(
        np.isnan(count), recording.columns["events"] > 1, count > 1
    )
    return found


def in_one_piece(recording: Recording) -> NDArray[np.bool_]:
    """The requests of two tokens or more, all of which came with one read of the socket, or in a
    body in place of a stream.

    Something between the model and the client held the answer back, and the client cannot know
    when its tokens were made.
    """
    return several(recording) & (recording.columns["reads"] <= 1)


def decoding_ms(recording: Recording) -> NDArray[np.float64]:
    """From the first token to the last one, ms; NaN where one read brought everything."""
    apart = recording.columns["reads"] > 1
    return np.where(apart, span_ms(recording, "first_token", "last_token"), np.nan)


def per_request_itl(recording: Recording, choice: str) -> NDArray[np.float64]:
    """The mean gap between the tokens of each request, in ms, as ``choice`` counts them.

    ``(last_token - first_token) / (k - 1)`` with k the events ("event"), the reads ("read") or
    the output tokens ("token") of the request; NaN for k < 2 and for answers in one read.
    """
    if choice == "token":
        count = recording.columns.tokens("completion")
    else:
        column = recording.columns["events" if choice == "event" else "reads"]
        count = column.astype(np.float64)
    return _ratio(decoding_ms(recording), count - 1)


def items(recording: Recording) -> NDArray[np.float64]:
    """The texts, documents or sounds of each request, NaN for conversations."""
    found = recording.columns["items"]
    return np.where(found != ABSENT, found.astype(np.float64), np.nan)


def _schedule_lag(recording: Recording) -> NDArray[np.float64]:
    """To the first byte that was handed to the kernel."""
    due, departed = recording.columns["scheduled"], recording.columns.departed
    known = (due != ABSENT) & (departed != ABSENT)
    return np.where(known, (departed - due) / NS_PER_MS, np.nan)


def _media(recording: Recording) -> dict[str, NDArray[np.float64]]:
    """What is seen and heard in each request, and what handing it over took."""

    def of(name: str, unit: float = 1.0) -> NDArray[np.float64]:
        found = recording.columns[name]
        return np.where(found != ABSENT, found / unit, np.nan)

    columns = recording.columns
    holds = np.zeros(len(recording), dtype=bool)
    for name in ("pictures", "frames", "film", "audio", "upload"):
        holds |= columns[name] != ABSENT
    return {
        "upload_time": of("upload", NS_PER_MS),
        "upload_size": np.where(holds, of("uploaded", 1e6), np.nan),
        "pictures": of("pictures"),
        "megapixels": of("pixels", 1e6),
        "film_frames": of("frames"),
        "film_length": of("film", 1e9),
    }


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """``above / below`` where ``below`` is above 0, else NaN."""
    positive = below > 0
    return np.where(positive, above / np.where(positive, below, 1.0), np.nan)


def request_metrics(recording: Recording, streamed: bool = True) -> dict[str, NDArray[np.float64]]:
    """Every per-request metric by its key, a value for each row of the table.

    Rows are not chosen here: combine with a mask such as ``columns.succeeded``. Times are ms,
    speeds tokens/s. An empty answer has no latency: a server that answers nothing, at once, is not
    fast.
    """
    nothing = empty(recording, streamed)

    def latency(begin: str, end: str) -> NDArray[np.float64]:
        return np.where(nothing, np.nan, span_ms(recording, begin, end))

    e2el = latency("sent", "done")
    ttft = span_ms(recording, "sent", "first_token")
    decoding = decoding_ms(recording)
    prompt = recording.columns.tokens("prompt")
    completion = recording.columns.tokens("completion")
    # The first token of an answer in one piece came with the last one: that is no prefill.
    prefill = np.where(in_one_piece(recording), np.nan, ttft)
    connect, cached = recording.columns["connect"], recording.columns["cached_tokens"]
    audio = recording.columns["audio"]
    heard = np.where(audio != ABSENT, audio / NS_PER_MS, np.nan)
    return {
        "e2el": e2el,
        "e2el_scheduled": latency("scheduled", "done"),
        "ttft": ttft,
        "ttft_scheduled": span_ms(recording, "scheduled", "first_token"),
        "ttfa": span_ms(recording, "sent", "first_answer"),
        "ttfb": latency("sent", "first_byte"),
        "tpot": _ratio(decoding, completion - 1),
        "normalised_latency": _ratio(e2el, completion),
        "items": items(recording),
        "audio_length": heard / 1e3,
        "real_time_factor": _ratio(e2el, heard),
        "input_tokens": prompt,
        "output_tokens": completion,
        "cached_tokens": np.where(cached == ABSENT, np.nan, cached.astype(np.float64)),
        "request_output_token_throughput": _ratio(completion * 1e3, e2el),
        "decode_token_throughput": np.where(
            completion > 1, _ratio((completion - 1) * 1e3, decoding), np.nan
        ),
        "prefill_token_throughput": _ratio(prompt * 1e3, prefill),
        "connect_time": np.where(connect > 0, connect / NS_PER_MS, np.nan),
        "queueing": span_ms(recording, "scheduled", "dispatched"),
        "schedule_lag": _schedule_lag(recording),
        **_media(recording),
    }
