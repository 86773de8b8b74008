"""Why the figures of two loads differ: how they are defined, what was sent when, and tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from aisbench.api import METRICS, Wording
from aisbench_plugin_compare.foreign.cause import Cause, CauseReport
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Floats, Load

APART = 0.02
"""Of a figure: below, nobody asks why."""
OWN = "aisbench"

_PLAN = {
    "request_rate": "rate",
    "rate": "rate",
    "max_concurrency": "concurrency",
    "concurrency": "concurrency",
    "streams": "concurrency",
    "num_prompts": "requests",
    "requests": "requests",
    "request_count": "requests",
    "burstiness": "burstiness",
}
"""What tools call the parts of a plan."""


def sort_load_causes(left: Load, right: Load) -> CauseReport:
    """What may make the figures of two loads differ, apart from the server."""
    words = texts()
    metrics = sorted(set(_means(left)) & set(_means(right)))
    apart = [name for name in metrics if _apart(_means(left)[name], _means(right)[name])]
    causes = [
        found
        for found in (
            _definition(words, left, right, [name for name in apart if name in METRICS]),
            _schedule(words, left, right),
            _tokens(words, left, right),
        )
        if found is not None
    ]
    headline = words.text(
        "{differing} of {compared} mean figures differ by more than {percent:g} %",
        differing=len(apart),
        compared=len(metrics),
        percent=100 * APART,
    )
    return CauseReport(
        compared=len(metrics), differing=len(apart), headline=headline, causes=tuple(causes)
    )


def _means(load: Load) -> dict[str, float]:
    """Of each quantity its mean: of its requests, else as the tool told it."""
    told = {one.name: one.value for one in load.figures}
    found = {name.partition(".")[0]: told[name] for name in told if name.endswith(".mean")}
    answered = told.get("success_requests", load.counts.get("success"))
    for name in ("input_tokens", "output_tokens"):
        if answered and f"total_{name}" in told:
            found[name] = told[f"total_{name}"] / answered
    for one in load.quantities:
        if len(one.values):
            found[one.name] = float(np.mean(one.values))
    return found


def _apart(left: float, right: float) -> bool:
    return abs(left - right) > APART * max(abs(left), abs(right), 1e-12)


def tool_of(load: Load) -> str:
    """Which tool made a load."""
    return load.facts.get("client", {}).get("tool", OWN)


# -- definitions


def definitions(words: Wording) -> Mapping[str, Mapping[str, str]]:
    """From where to where each tool measures, by the dictionary's names, as its source has it
    (benchmarks/serve.py; guidellm/schemas/request_stats.py; aiperf/metrics/types;
    ais_bench/benchmark/summarizers/default_perf.py)."""
    return {
        OWN: {
            "ttft": words.text(
                "from the send to the first event with a token; connecting is no part of it"
            ),
            "tpot": words.text("(last token - first token) / (tokens - 1), of each request"),
            "itl": words.text("a gap between two events with tokens"),
            "e2el": words.text("from the send to the end of the answer"),
        },
        "vllm bench": {
            "ttft": words.text(
                "from the send to the first event, one with the role alone included"
            ),
            "tpot": words.text("(latency - ttft) / (tokens - 1), of each request"),
            "itl": words.text("a gap between two events, whatever number of tokens they carry"),
            "e2el": words.text("from the send to the last event"),
        },
        "guidellm": {
            "ttft": words.text("from the start of the request, connecting included"),
            "tpot": words.text(
                "its inter_token_latency_ms; what it calls TPOT is the whole latency / tokens"
            ),
            "e2el": words.text("from the start of the request, connecting included"),
        },
        "aiperf": {
            "ttft": words.text("from the start of the request, connecting included"),
            "tpot": words.text(
                "its inter_token_latency: (latency - ttft) / (tokens - 1), of each request"
            ),
            "itl": words.text("its inter_chunk_latency: a gap between two events with content"),
            "e2el": words.text("from the start of the request, connecting included"),
        },
        "AISBench": {
            "ttft": words.text(
                "from before the POST to the first event; connecting and role-only events count"
            ),
            "tpot": words.text("(latency - ttft) / (tokens - 1), 0 below two tokens"),
            "itl": words.text(
                "a gap between two events, those with a role or usage alone included"
            ),
            "e2el": words.text("from before the POST to the last event, usage included"),
        },
    }


def _definition(words: Wording, left: Load, right: Load, apart: list[str]) -> Cause | None:
    details = []
    ours, theirs = tool_of(left), tool_of(right)
    known = definitions(words)
    for name in apart:
        one = known.get(ours, {}).get(name)
        other = known.get(theirs, {}).get(name)
        if one is not None and other is not None and one != other:
            details.append(
                words.text(
                    "{name}: {left_tool}: {one}; {right_tool}: {other}",
                    name=METRICS[name].title,
                    left_tool=ours,
                    one=one,
                    right_tool=theirs,
                    other=other,
                )
            )
    for side, load in ((words.text("left"), left), (words.text("right"), right)):
        details += [f"{side}: {one}" for one in _recomputed(words, load)]
    details += _queue(words, left, right)
    details += _warm_up(words, left, right)
    if not details:
        return None
    return Cause(
        name="definition",
        count=len(details),
        sentence=words.text("definition: what the figures are of is not the same"),
        details=tuple(details),
    )


_FORMULAS: tuple[tuple[str, Callable[[float, float, float], float]], ...] = (
    ("(e2el - ttft) / (tokens - 1)", lambda e2el, ttft, tokens: (e2el - ttft) / (tokens - 1)),
    ("(e2el - ttft) / tokens", lambda e2el, ttft, tokens: (e2el - ttft) / tokens),
    ("e2el / tokens", lambda e2el, ttft, tokens: e2el / tokens),
    ("e2el / (tokens - 1)", lambda e2el, ttft, tokens: e2el / (tokens - 1)),
)


def _recomputed(words: Wording, load: Load) -> Iterator[str]:
    """Which formula makes the told TPOT of the requests that are there, and whether the gaps are
    between tokens or chunks."""
    held = {one.name: one.values for one in load.quantities}
    names = ("e2el", "ttft", "output_tokens")
    if not all(name in held for name in names) or len({len(held[name]) for name in names}) > 1:
        return
    formula = _formula_of(load, held)
    if formula is not None:
        yield words.text("its TPOT is {formula}", formula=formula)
    tokens = held["output_tokens"]
    expected = float(np.mean(tokens)) - 1
    if "itl" in held and expected > 0:
        gaps = len(held["itl"]) / len(tokens)
        if abs(gaps - expected) > APART * expected:
            yield words.text(
                "its ITL is of {gaps:.1f} gaps a request, whose answers have {tokens:.1f} "
                "tokens: of chunks, not of tokens",
                gaps=gaps,
                tokens=float(np.mean(tokens)),
            )


def _formula_of(load: Load, held: Mapping[str, Floats]) -> str | None:
    """The formula of the told TPOT, where it is another one than the usual."""
    told = next((one.value for one in load.figures if one.name == "tpot.mean"), None)
    several = held["output_tokens"] > 1
    if told is None or not several.any():
        return None
    columns = [held[name][several] for name in ("e2el", "ttft", "output_tokens")]
    for formula, of in _FORMULAS:
        if _close(float(np.mean([of(*one) for one in zip(*columns, strict=True)])), told):
            return None if formula == _FORMULAS[0][0] else formula
    return None


def _close(left: float, right: float) -> bool:
    return abs(left - right) <= 1e-3 * max(abs(left), abs(right))


def _queue(words: Wording, left: Load, right: Load) -> Iterator[str]:
    """Where one side has both, whether the other one's TTFT counts the wait before the send."""
    for mine, other in ((left, right), (right, left)):
        own, theirs = _means(mine), _means(other)
        if not {"ttft", "ttft_scheduled"} <= set(own) or "ttft" not in theirs:
            continue
        if "ttft_scheduled" in theirs or not _apart(own["ttft"], own["ttft_scheduled"]):
            continue
        if abs(theirs["ttft"] - own["ttft_scheduled"]) < abs(theirs["ttft"] - own["ttft"]):
            yield words.text(
                "the TTFT of {tool} ({value:.1f} ms) is near that from the schedule "
                "({scheduled:.1f} ms), not from the send ({sent:.1f} ms): it counts the wait of "
                "the client",
                tool=tool_of(other),
                value=theirs["ttft"],
                scheduled=own["ttft_scheduled"],
                sent=own["ttft"],
            )


def _warm_up(words: Wording, left: Load, right: Load) -> Iterator[str]:
    ours, theirs = _warmed(left), _warmed(right)
    if ours == theirs or (ours is None and theirs is None):
        return
    unknown = words.text("not told")
    yield words.text("warm-up: {left} | {right}", left=ours or unknown, right=theirs or unknown)


def _warmed(load: Load) -> str | None:
    plan = load.facts.get("load", {})
    return next((value for key, value in plan.items() if "warm" in key), None)


# -- what was sent, and when


def _schedule(words: Wording, left: Load, right: Load) -> Cause | None:
    ours, theirs = _plan(left), _plan(right)
    details = [
        words.text(
            "{name}: {left} | {right}",
            name=_part(words, name),
            left=ours.get(name, words.text("not told")),
            right=theirs.get(name, words.text("not told")),
        )
        for name in dict.fromkeys([*ours, *theirs])
        if ours.get(name) != theirs.get(name)
    ]
    rates = {
        side: next((one.value for one in load.figures if one.name == "request_throughput"), None)
        for side, load in (("left", left), ("right", right))
    }
    mine, other = rates["left"], rates["right"]
    if mine is not None and other is not None and _apart(mine, other):
        details.append(
            words.text("achieved: {left:.2f} | {right:.2f} requests/s", left=mine, right=other)
        )
    if not details:
        return None
    return Cause(
        name="schedule",
        count=len(details),
        sentence=words.text("schedule: other requests were sent, or at other times"),
        details=tuple(details),
    )


def _plan(load: Load) -> dict[str, str]:
    """The plan under the names of all tools; numbers as numbers."""
    found = {}
    for key, value in load.facts.get("load", {}).items():
        name = _PLAN.get(key.rpartition(".")[2])
        if name is not None and name not in found:
            found[name] = _number(value)
    if "total" in load.counts:
        found["requests"] = _number(str(load.counts["total"]))
    return found


def _part(words: Wording, name: str) -> str:
    """A part of a plan in the reader's language."""
    return {
        "rate": words.text("rate"),
        "concurrency": words.text("concurrency"),
        "requests": words.text("requests"),
        "burstiness": words.text("burstiness"),
    }[name]


def _number(value: str) -> str:
    try:
        return f"{float(value):g}"
    except ValueError:
        return value


def _tokens(words: Wording, left: Load, right: Load) -> Cause | None:
    ours, theirs = _means(left), _means(right)
    details = [
        words.text(
            "{name}: {left:.1f} | {right:.1f} tokens a request",
            name=METRICS[name].title,
            left=ours[name],
            right=theirs[name],
        )
        for name in ("input_tokens", "output_tokens")
        if name in ours and name in theirs and _apart(ours[name], theirs[name])
    ]
    told = [load.facts.get("client", {}).get("token counts") for load in (left, right)]
    if details and told[0] != told[1]:
        unknown = words.text("not told")
        details.append(
            words.text(
                "counted by: {left} | {right}", left=told[0] or unknown, right=told[1] or unknown
            )
        )
    if not details:
        return None
    return Cause(
        name="token counts",
        count=len(details),
        sentence=words.text("token counts: prompts or answers are of other lengths"),
        details=tuple(details),
    )
