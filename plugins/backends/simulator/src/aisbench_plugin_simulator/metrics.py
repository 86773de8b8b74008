"""Some of vLLM's metrics, in Prometheus' text format."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter

from aisbench_plugin_simulator.journal import Record

TTFT_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0)
TPOT_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0)
E2E_BUCKETS = (0.1, 0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0)


class Histogram:
    """Counts of seconds in buckets with the upper limits ``limits``."""

    def __init__(self, limits: tuple[float, ...]) -> None:
        self._limits = limits
        self._counts = [0] * (len(limits) + 1)
        self._sum = 0.0

    def add(self, seconds: float) -> None:
        """Take one value."""
        self._counts[bisect_left(self._limits, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str, labels: str) -> list[str]:
        """The text lines, without HELP and TYPE."""
        lines, total = [], 0
        for limit, count in zip((*map(str, self._limits), "+Inf"), self._counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{{labels},le="{limit}"}} {total}.0')
        lines.append(f"{name}_count{{{labels}}} {total}.0")
        lines.append(f"{name}_sum{{{labels}}} {self._sum!r}")
        return lines


class Metrics:
    """Counters and histograms since the start; a reset of the journal leaves them."""

    def __init__(self) -> None:
        self._prompt_tokens = 0
        self._tokens = 0
        self._finished: Counter[str] = Counter()
        self._ttft = Histogram(TTFT_BUCKETS)
        self._tpot = Histogram(TPOT_BUCKETS)
        self._e2e = Histogram(E2E_BUCKETS)

    def add(self, record: Record) -> None:
        """Count a request that has ended. One value of TPOT a request: the mean of its tokens."""
        if record.outcome == "refused" or record.status != 200:
            return
        self._prompt_tokens += record.prompt_tokens
        self._tokens += record.tokens
        self._finished["abort" if record.outcome == "cancelled" else record.finish or "stop"] += 1
        if record.done_ns is not None:
            self._e2e.add((record.done_ns - record.arrival_ns) / 1e9)
        first, last = record.first_token_ns, record.last_token_ns
        if first is None or last is None:
            return
        self._ttft.add((first - record.arrival_ns) / 1e9)
        if record.tokens > 1:
            self._tpot.add((last - first) / 1e9 / (record.tokens - 1))

    def text(self, model: str, running: int) -> str:
        """The whole page; ``running`` requests are in flight."""
        labels = f'engine="0",model_name="{model}"'
        lines: list[str] = []

        def family(name: str, kind: str, help: str, values: list[str]) -> None:
            lines.extend([f"# HELP {name} {help}", f"# TYPE {name} {kind}", *values])

        def single(name: str, kind: str, help: str, value: int) -> None:
            family(name, kind, help, [f"{name}{{{labels}}} {value}.0"])

        single("vllm:num_requests_running", "gauge", "Requests being answered.", running)
        single("vllm:num_requests_waiting", "gauge", "Requests waiting: none ever does.", 0)
        single("vllm:prompt_tokens_total", "counter", "Prompt tokens read.", self._prompt_tokens)
        single("vllm:generation_tokens_total", "counter", "Tokens made.", self._tokens)
        success = "vllm:request_success_total"
        family(
            success,
            "counter",
            "Requests answered, by reason of the end.",
            [
                f'{success}{{engine="0",finished_reason="{reason}",model_name="{model}"}} '
                f"{self._finished[reason]}.0"
                for reason in ("stop", "length", "abort")
            ],
        )
        for name, help, histogram in (
            ("vllm:time_to_first_token_seconds", "Time to the first token.", self._ttft),
            ("vllm:time_per_output_token_seconds", "Mean time of a token.", self._tpot),
            ("vllm:e2e_request_latency_seconds", "Time of a whole request.", self._e2e),
        ):
            family(name, "histogram", help, histogram.lines(name, labels))
        return "\n".join(lines) + "\n"
