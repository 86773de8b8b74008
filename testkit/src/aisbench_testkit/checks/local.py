"""Backends that hold the model themselves: every request answered once, and as asked."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aisbench.api import DescribedBackend, LocalBackend, Request, Response, TransportBackend
from aisbench_testkit.checks.trial import trial


def check_refused(backend: LocalBackend | TransportBackend) -> list[str]:
    """Without settings nothing can be refused; advice is never empty."""
    problems: list[str] = []
    with trial(problems, "refused()"):
        if dict(backend.refused({})):
            problems.append("refused({}) is not empty: without settings nothing can be refused")
        found = dict(backend.refused({"temperature": 0.5, "no_such_setting_at_all": 1}))
        if not found.get("no_such_setting_at_all", "").strip():
            problems.append(
                "refused() takes a setting that no library knows: it would be dropped in silence"
            )
    return problems


def check_answers(backend: LocalBackend, requests: Sequence[Request]) -> list[str]:
    """``backend`` is open. Each request is answered exactly once, the same the second time."""
    problems: list[str] = []
    with trial(problems, "answer()"):
        first = _collect(backend, requests, problems)
        if problems:
            return problems
        second = _collect(backend, requests[::-1], problems)[::-1]
        for place, request in enumerate(requests):
            problems += _check_one(request, first[place], place)
            if first[place].text != second[place].text and not _random(request):
                problems.append(f"request {place} is answered otherwise in another order")
        if list(backend.answer([])):
            problems.append("answer() of no requests gives answers")
    return problems


def check_description(backend: LocalBackend) -> list[str]:
    """``backend`` is open. One that says which model it holds says the same each time, and names
    something that decides its answers."""
    problems: list[str] = []
    if not isinstance(backend, DescribedBackend):
        return problems
    with trial(problems, "check() and describe()"):
        backend.check([])
        first, second = backend.describe(), backend.describe()
        if first != second:
            problems.append("describe() tells another model the second time")
        if not first.fingerprint:
            problems.append("describe() has an empty fingerprint: nothing tells two models apart")
        problems += [
            f"describe() has an empty digest or name in its fingerprint: {name!r}"
            for name, digest in first.fingerprint.items()
            if not name or not digest
        ]
    return problems


def _collect(
    backend: LocalBackend, requests: Sequence[Request], problems: list[str]
) -> list[Response]:
    found: dict[int, Response] = {}
    for place, response in backend.answer(requests):
        if place in found:
            problems.append(f"request {place} is answered twice")
        found[place] = response
    if sorted(found) != list(range(len(requests))):
        problems.append(f"of {len(requests)} requests these are answered: {sorted(found)}")
    return [found[place] for place in sorted(found)]


def _random(request: Request) -> bool:
    return bool(request.generation.get("temperature", 0))


def _check_one(request: Request, response: Response, place: int) -> list[str]:
    if response.fault is not None:
        return [f"request {place} fails: {response.fault.message}"]
    problems = []
    if request.prompt.continuation is not None:
        scored = response.scored
        if scored is None or not scored.logprobs:
            return [f"request {place} has a continuation, and no log-probabilities come back"]
        if not all(one <= 0 and math.isfinite(one) for one in scored.logprobs):
            problems.append(f"request {place} has log-probabilities above 0 or not finite")
        return problems
    usage = response.usage
    if not usage.prompt_tokens or usage.completion_tokens is None:
        problems.append(f"request {place} has no token counts")
    most = request.generation.get("max_tokens")
    if isinstance(most, int) and (usage.completion_tokens or 0) > most:
        problems.append(f"request {place} got {usage.completion_tokens} tokens; {most} at most")
    if response.finish_reason is None:
        problems.append(f"request {place} does not say why its answer ends")
    return problems
