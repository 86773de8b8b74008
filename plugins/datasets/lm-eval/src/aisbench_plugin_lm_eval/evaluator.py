"""The evaluator ``lm-eval``: one document's answers through lm-eval's filters and scoring."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aisbench.api import Answer, DataError, JsonObject, Reading, Response, Sample, Score, Verdict
from aisbench_plugin_lm_eval.harness import WantedTasks, quiet
from aisbench_plugin_lm_eval.means import is_share, share_of
from aisbench_plugin_lm_eval.plain import plain, value_of
from aisbench_plugin_lm_eval.stored import rebuilt

NOTHING = "[invalid]"
"""What lm-eval's regex filters give where they find nothing."""


class LmEvalEvaluator:
    """``details`` holds what ``process_results`` gave, for lm-eval's aggregations; the value is
    that of the task's first measure that is a share of 1."""

    def __init__(self) -> None:
        self._tasks: dict[str, Any] = {}

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError for samples of other data sets."""
        about: Any = sample.fields.get("lm_eval")
        if not isinstance(about, dict):
            raise DataError(
                f"sample {sample.id} is not of a task of lm-eval",
                hint='the evaluator "lm-eval" scores dataset = "lm-eval" alone',
            )
        task = self._task(about, sample)
        document = value_of(sample.fields["doc"])
        with quiet():
            instances = _answered(sample, document, about, answer.responses)
            for ensemble in task._filters:
                ensemble.apply(instances)
            instances.sort(key=lambda one: one.idx)
            values = {
                name: task.process_results(
                    document, [one.filtered_resps[name] for one in instances]
                )
                for name in instances[0].filtered_resps
            }
        return _score(task, about, sample, instances, values)

    def _task(self, about: Mapping[str, Any], sample: Sample) -> Any:
        name = about["task"]
        if name not in self._tasks:
            self._tasks[name] = rebuilt(
                WantedTasks.of_json(about["wanted"]), {name: sample}
            ).tasks[name]
        return self._tasks[name]


def _answered(
    sample: Sample, document: Any, about: Mapping[str, Any], responses: Sequence[Response]
) -> list[Any]:
    """lm-eval's instances with the responses to them."""
    from lm_eval.api.instance import Instance

    requests: Any = sample.fields["requests"]
    left: Iterator[Response] = iter(responses)
    instances = []
    for request in requests:
        kind, repeats = request["type"], request["repeats"]
        instance = Instance(
            request_type=kind,
            doc=document,
            arguments=(),
            idx=request["idx"],
            metadata=(about["task"], about["doc_id"], repeats),
        )
        instance.resps = [_result(kind, next(left)) for _ in range(repeats)]
        instances.append(instance)
    return instances


def _result(kind: str, response: Response) -> Any:
    if kind == "generate_until":
        return response.text
    scored = response.scored
    if scored is None:
        raise DataError("the model gave no log-probabilities")
    # In lm-eval's order, and not by fsum: the last digit counts.
    total = float(sum(scored.logprobs))
    if kind == "loglikelihood_rolling":
        return total
    return (total, _Greedy() if scored.greedy is None else scored.greedy)


class _Greedy:
    """Whether a continuation is the model's first choice, where nobody knows: what asks for it
    cannot be scored, and much does not ask."""

    def __bool__(self) -> bool:
        raise DataError(
            "the server does not tell whether the continuation is the model's first choice"
        )

    __int__ = __index__ = __bool__


def _score(
    task: Any,
    about: Mapping[str, Any],
    sample: Sample,
    instances: Sequence[Any],
    values: Mapping[str, Mapping[str, Any]],
) -> Score:
    found = {name: _extracted(name, sample, instances) for name in values}
    shares = {name: _first_share(task, one) for name, one in values.items()}
    readings = {
        name: Reading(value=share, extracted=found[name])
        for name, share in shares.items()
        if share is not None
    }
    share = next(iter(shares.values()))
    extracted = next(iter(found.values()))
    details: JsonObject = {
        "task": about["task"],
        "values": {
            name: {metric: plain(value) for metric, value in one.items()}
            for name, one in values.items()
        },
    }
    return Score(
        value=0.0 if share is None else share,
        verdict=_verdict(share, extracted),
        extracted=extracted if extracted is not None or share is None or share else None,
        reason="" if share is not None else "lm-eval sums this task up as a whole",
        readings=readings if len(readings) > 1 else {},
        details=details,
    )


def _verdict(share: float | None, extracted: str | None) -> Verdict:
    if share is None:
        return Verdict.GRADED
    if share == 1.0:
        return Verdict.RIGHT
    if share == 0.0:
        return Verdict.WRONG if extracted is not None else Verdict.UNPARSED
    return Verdict.GRADED


def _first_share(task: Any, measures: Mapping[str, Any]) -> float | None:
    for metric, value in measures.items():
        if is_share(task, metric) and (share := share_of(value)) is not None:
            return share
    return None


def _extracted(name: str, sample: Sample, instances: Sequence[Any]) -> str | None:
    """What was answered, to look at: the text that a filter left, or the likeliest choice."""
    results = [one.filtered_resps[name] for one in instances]
    first = results[0]
    if isinstance(first, tuple) and len(results) > 1:
        likelihoods = [one[0] for one in results]
        best = max(range(len(likelihoods)), key=likelihoods.__getitem__)
        requests: Any = sample.fields["requests"]
        texts = [str(one["continuation"]).strip() for one in requests]
        return texts[best] if len(set(texts)) == len(texts) else str(best)
    if isinstance(first, tuple):
        return f"{first[0]:.6g}" if math.isfinite(first[0]) else None
    if isinstance(first, float):
        return f"{first:.6g}"
    text = first if isinstance(first, str) else str(first)
    return None if text == NOTHING or not text else text
