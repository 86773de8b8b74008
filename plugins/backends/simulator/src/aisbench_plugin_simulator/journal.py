"""What the server saw: counts, and one record for each request."""

from __future__ import annotations

import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from typing import Any

import attrs
import orjson
from attrs import define

from aisbench_plugin_simulator.media_counts import MediaCounts

LOG_LIMIT = 1_000_000
"""Records kept; the oldest go first."""


@define(kw_only=True)
class Record:
    """One request for an answer. Instants are ns of the system's monotonic clock.

    ``arrival_ns`` is when the whole request had been read, ``first_token_ns`` and
    ``last_token_ns`` when the events of a stream had been handed to the kernel. ``tokens``
    were sent. ``status`` 0 means that no status line was sent.
    """

    endpoint: str
    body: str
    attempt: int
    arrival_ns: int
    first_token_ns: int | None = None
    last_token_ns: int | None = None
    done_ns: int | None = None
    stream: bool = False
    waited_ns: int = 0
    """Until it was begun, where the server was full (``max_num_seqs``)."""
    beside: int = 0
    """How many others were answered when it was begun."""
    adapter: str | None = None
    """The LoRA adapter that answered."""
    cold: bool = False
    """Whether it had to be loaded for it, or was being loaded."""
    prompt_tokens: int = 0
    cached_tokens: int | None = None
    """Of a prompt that was looked up in the prefix cache."""
    tokens: int = 0
    status: int = 0
    outcome: str = "ok"
    """"ok", "refused", "cancelled" (the client went away) or the kind of failure."""
    verdict: str | None = None
    more_verdicts: tuple[str, ...] = ()
    """Of the further choices."""
    finish: str | None = None
    media: dict[str, int] | None = None
    """How many pictures, sounds, films and files the prompt held, by kind."""
    media_bytes: int = 0
    """Of these, as files."""


class ServerJournal:
    """The counts since the start or the last :meth:`reset`."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything but the requests in flight."""
        self.connections = 0
        self.peak_in_flight = self.in_flight
        self.requests: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self.outcomes: Counter[str] = Counter()
        self.verdicts: Counter[str] = Counter()
        self.bodies: Counter[str] = Counter()
        self.prompt_tokens = 0
        self.tokens = 0
        self.media = MediaCounts()
        self._log: deque[Record] = deque(maxlen=LOG_LIMIT)

    def open(self, endpoint: str, body: str, arrival_ns: int) -> Record:
        """A request has arrived; ``body`` is the hash of its body."""
        attempt = self.bodies[body]
        self.bodies[body] = attempt + 1
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        return Record(endpoint=endpoint, body=body, attempt=attempt, arrival_ns=arrival_ns)

    def close(self, record: Record) -> None:
        """The request is answered, or broke."""
        record.done_ns = time.monotonic_ns()
        self.in_flight -= 1
        self.outcomes[record.outcome] += 1
        # A broken answer is nobody's to judge.
        if record.verdict is not None and record.outcome in ("ok", "slow-headers"):
            self.verdicts[record.verdict] += 1
            for verdict in record.more_verdicts:
                self.verdicts[verdict] += 1
        self.prompt_tokens += record.prompt_tokens
        self.tokens += record.tokens
        self._log.append(record)

    def stats(self) -> dict[str, Any]:
        """The counts as JSON values."""
        return {
            "requests": {
                path: {str(status): count for status, count in sorted(counts.items())}
                for path, counts in sorted(self.requests.items())
            },
            "outcomes": dict(self.outcomes),
            "answers": dict(self.verdicts),
            "in_flight": self.in_flight,
            "peak_in_flight": self.peak_in_flight,
            "connections": self.connections,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.tokens,
            "distinct_bodies": len(self.bodies),
            "most_of_one_body": max(self.bodies.values(), default=0),
            "media": self.media.stats(),
            "bodies": dict(self.bodies),
        }

    def lines(self) -> Iterator[bytes]:
        """The records as JSON lines, in the order in which the requests ended."""
        for record in self._log:
            yield orjson.dumps(attrs.asdict(record), option=orjson.OPT_APPEND_NEWLINE)
