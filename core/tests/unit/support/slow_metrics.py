"""Every metric again, in plain Python and straight from its definition: what the arrays are
compared with. It shares no code with :mod:`aisbench.metrics`."""

from __future__ import annotations

import math
from collections.abc import Sequence

Row = dict[str, int]
Reads = list[list[tuple[int, int]]]


def known(row: Row, side: str) -> int | None:
    for name in (f"{side}_tokens", f"counted_{side}"):
        if row[name] != -1:
            return row[name]
    return None


def span(row: Row, begin: str, end: str) -> float | None:
    if row[begin] == -1 or row[end] == -1:
        return None
    return (row[end] - row[begin]) / 1e6


def request(row: Row) -> dict[str, float | None]:
    """The per-request metrics of one row."""
    e2el, ttft = span(row, "sent", "done"), span(row, "sent", "first_token")
    scheduled, ttfb = span(row, "scheduled", "done"), span(row, "sent", "first_byte")
    asked = (row["phase"], row["final"], row["outcome"]) == (1, 1, 0)
    if asked and row["first_token"] == -1 and (known(row, "completion") or 0) <= 1:
        e2el = scheduled = ttfb = None  # an empty answer
    decoding = span(row, "first_token", "last_token") if row["reads"] > 1 else None
    prompt, output = known(row, "prompt"), known(row, "completion")
    many = output > 1 if output is not None else row["events"] > 1
    prefill = None if many and row["reads"] <= 1 else ttft
    return {
        "e2el": e2el,
        "e2el_scheduled": scheduled,
        "ttft": ttft,
        "ttft_scheduled": span(row, "scheduled", "first_token"),
        "ttfa": span(row, "sent", "first_answer"),
        "ttfb": ttfb,
        "tpot": decoding / (output - 1) if decoding is not None and (output or 0) > 1 else None,
        "normalised_latency": e2el / output if e2el is not None and output else None,
        "items": row["items"] if row["items"] != -1 else None,
        "audio_length": row["audio"] / 1e9 if row["audio"] != -1 else None,
        "real_time_factor": (
            e2el * 1e6 / row["audio"] if e2el is not None and row["audio"] > 0 else None
        ),
        "input_tokens": prompt,
        "output_tokens": output,
        "cached_tokens": row["cached_tokens"] if row["cached_tokens"] != -1 else None,
        "request_output_token_throughput": (
            output / (e2el / 1e3) if e2el and output is not None else None
        ),
        "decode_token_throughput": (
            (output - 1) / (decoding / 1e3) if decoding and (output or 0) > 1 else None
        ),
        "prefill_token_throughput": (
            prompt / (prefill / 1e3) if prefill and prompt is not None else None
        ),
        "connect_time": row["connect"] / 1e6 if row["connect"] > 0 else None,
        "queueing": span(row, "scheduled", "dispatched"),
        "schedule_lag": (
            (row["sent"] - max(row["upload"], 0) - row["scheduled"]) / 1e6
            if row["sent"] != -1 and row["scheduled"] != -1
            else None
        ),
        "upload_time": row["upload"] / 1e6 if row["upload"] != -1 else None,
        "upload_size": (
            row["uploaded"] / 1e6
            if row["uploaded"] != -1
            and any(row[name] != -1 for name in ("pictures", "frames", "film", "audio", "upload"))
            else None
        ),
        "pictures": row["pictures"] if row["pictures"] != -1 else None,
        "megapixels": row["pixels"] / 1e6 if row["pixels"] != -1 else None,
        "film_frames": row["frames"] if row["frames"] != -1 else None,
        "film_length": row["film"] / 1e9 if row["film"] != -1 else None,
    }


def percentile(values: Sequence[float], p: float) -> float:
    ordered = sorted(values)
    place = p / 100 * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def stddev(values: Sequence[float]) -> float:
    if len(values) < 2:
        return 0.0
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


class Part:
    """What belongs to [begin, end) of the run, or to the whole run when ``begin`` is None."""

    def __init__(
        self, rows: list[Row], reads: Reads, begin: int | None = None, end: int | None = None
    ) -> None:
        self.begin, self.end = begin, end
        self.attempts = [row for row in rows if row["phase"] == 1]
        self.asked = [row for row in self.attempts if row["final"] == 1]
        self.success = [row for row in self.asked if row["outcome"] == 0]
        self.everything = list(zip(rows, reads, strict=True))
        self.pairs = [
            (row, its)
            for row, its in zip(rows, reads, strict=True)
            if row["phase"] == 1 and row["final"] == 1 and row["outcome"] == 0
        ]

    def holds(self, time: int) -> bool:
        if self.begin is None or self.end is None:
            return True
        return self.begin <= time < self.end

    def start(self, row: Row) -> int:
        return next((row[n] for n in ("sent", "dispatched", "scheduled") if row[n] != -1), -1)

    def values(self, name: str) -> list[float]:
        found = [request(row)[name] for row in self.success if self.holds(self.start(row))]
        return [value for value in found if value is not None]

    def event_gaps(self) -> list[float]:
        gaps = []
        for _, reads in self.pairs:
            if len(reads) == 1:
                continue  # in one piece: nobody knows the gaps
            times = [time for time, count in reads for _ in range(count)]
            for i in range(1, len(times)):
                if self.holds(times[i]):
                    gaps.append((times[i] - times[i - 1]) / 1e6)
        return gaps

    def read_gaps(self) -> list[float]:
        return [
            (reads[i][0] - reads[i - 1][0]) / 1e6
            for _, reads in self.pairs
            for i in range(1, len(reads))
            if self.holds(reads[i][0])
        ]

    def token_gaps(self) -> list[tuple[float, float]]:
        """Pairs of a gap a token and the number of tokens with it."""
        found = []
        for row, reads in self.pairs:
            output, events = known(row, "completion"), sum(count for _, count in reads)
            if not output:
                continue
            for i in range(1, len(reads)):
                if self.holds(reads[i][0]):
                    brought = reads[i][1] * output / events
                    found.append(((reads[i][0] - reads[i - 1][0]) / 1e6 / brought, brought))
        return found

    def halves(self) -> float:
        """The tokens of requests that the client cut, by their events."""
        mine = [
            (row, its)
            for row, its in self.everything
            if (row["phase"], row["final"], row["outcome"]) == (1, 1, 2) and its
        ]
        answered = [
            (known(row, "completion"), sum(count for _, count in its))
            for row, its in self.pairs
            if its and known(row, "completion") is not None
        ]
        events = sum(count for _, count in answered)
        each = sum(output or 0 for output, _ in answered) / events if events else None
        total = 0.0
        for row, its in mine:
            output = known(row, "completion")
            rate = each if output is None else output / sum(count for _, count in its)
            if rate is not None:
                total += sum(rate * count for time, count in its if self.holds(time))
        return total

    def output_tokens(self) -> float:
        total = self.halves()
        for row, reads in self.pairs:
            output = known(row, "completion")
            if output is None:
                continue
            if not reads:
                total += output if self.holds(row["done"]) else 0
                continue
            events = sum(count for _, count in reads)
            total += sum(output * count / events for time, count in reads if self.holds(time))
        return total

    def input_tokens(self) -> float:
        total = 0
        for row in self.success:
            at = row["first_token"] if row["first_token"] != -1 else row["done"]
            if self.holds(at):
                total += known(row, "prompt") or 0
        return total

    def concurrency(self, begin: int, end: int) -> float:
        flown = [
            max(0, min(row["done"], end) - max(row["sent"], begin))
            for row in self.attempts
            if row["sent"] != -1 and row["done"] != -1
        ]
        return sum(flown) / (end - begin)

    def peak(self, begin: int, end: int) -> int:
        """The most in flight at an instant; it can only be at a start or at ``begin``."""
        flights = [
            (row["sent"], row["done"])
            for row in self.attempts
            if row["sent"] != -1 and row["done"] != -1
        ]
        instants = [begin, *(sent for sent, _ in flights if begin <= sent < end)]
        return max(sum(sent <= t < done for sent, done in flights) for t in instants)
