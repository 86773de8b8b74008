"""Answers of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import Fault, FaultKind, FinishReason, Response, Usage
from aisbench.codec import Rendered, cut_text
from aisbench_plugin_transformers.loading import Loaded
from aisbench_plugin_transformers.media_batch import put_together
from aisbench_plugin_transformers.recording import LogprobRecorder
from aisbench_plugin_transformers.restraints import Restraints, restrains
from aisbench_plugin_transformers.sampling import Sampling, TokenLimits
from aisbench_plugin_transformers.steering import Ending, TokenChooser


@frozen
class Job:
    """One request that is to be answered: its ``place`` among the requests."""

    place: int
    rendered: Rendered
    limits: TokenLimits


def generate(loaded: Loaded, jobs: Sequence[Job], sampling: Sampling) -> list[Response]:
    """A response for each job, in their order. Raises what torch raises."""
    if not jobs[0].rendered.media:
        return _answers(loaded, jobs, _inputs(loaded, jobs), sampling)
    most = None if loaded.length is None else loaded.length - 1
    batch = put_together(loaded, [job.rendered for job in jobs], "left", most)
    found = {number: failed(why) for number, why in batch.refused.items()}
    if batch.kept:
        kept = [
            _within(loaded, jobs[number], width)
            for number, width in zip(batch.kept, batch.widths, strict=True)
        ]
        responses = _answers(loaded, kept, batch.inputs, sampling)
        for number, response, seen in zip(batch.kept, responses, batch.seen, strict=True):
            found[number] = attrs.evolve(response, seen=seen)
    return [found[number] for number in range(len(jobs))]


def failed(message: str) -> Response:
    """A request that cannot be answered."""
    return Response(fault=Fault(kind=FaultKind.LOCAL, message=message))


def _within(loaded: Loaded, job: Job, width: int) -> Job:
    """An answer ends where the model's length does."""
    if loaded.length is None:
        return job
    most = min(job.limits.max_tokens, loaded.length - width)
    return attrs.evolve(job, limits=attrs.evolve(job.limits, max_tokens=most))


def _answers(
    loaded: Loaded, jobs: Sequence[Job], inputs: Mapping[str, Any], sampling: Sampling
) -> list[Response]:
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    mask = inputs["attention_mask"]
    begin = mask.shape[1]
    ends = list(loaded.ends)
    widths = mask.sum(dim=1).tolist()
    limits = [job.limits.behind(width) for job, width in zip(jobs, widths, strict=True)]
    chooser = TokenChooser(sampling, limits, begin, frozenset(ends))
    processors = LogitsProcessorList()
    recorder = None if sampling.logprobs is None else LogprobRecorder(sampling.logprobs)
    if recorder is not None:
        processors.append(recorder)
    if restrains(sampling):
        processors.append(Restraints(sampling, mask, frozenset(ends)))
    processors.append(chooser)
    config = GenerationConfig(
        max_new_tokens=max(limit.max_tokens for limit in limits),
        do_sample=False,
        num_beams=1,
        eos_token_id=None if sampling.ignore_eos else ends,
        pad_token_id=padding(loaded),
        use_cache=True,
    )
    with torch.inference_mode():
        output = loaded.model.generate(
            **inputs,
            generation_config=config,
            logits_processor=processors,
            stopping_criteria=StoppingCriteriaList([Ending(limits, begin, loaded.tokenizer)]),
        )
    if recorder is not None:
        recorder.finish(output)
    rows = output[:, begin:].tolist()
    stops = frozenset() if sampling.ignore_eos else frozenset(ends)
    responses = [
        _response(loaded, limit, ids, width, stops, row in chooser.broken)
        for row, (limit, ids, width) in enumerate(zip(limits, rows, widths, strict=True))
    ]
    if recorder is None:
        return responses
    return [
        attrs.evolve(
            one, tokens=recorder.tokens(row, ids[: one.usage.completion_tokens], loaded.tokenizer)
        )
        for row, (ids, one) in enumerate(zip(rows, responses, strict=True))
    ]


def padding(loaded: Loaded) -> int:
    """A token to fill up with; it is masked, so any does."""
    found = loaded.tokenizer.pad_token_id
    return found if isinstance(found, int) else (*loaded.ends, 0)[0]


def _inputs(loaded: Loaded, jobs: Sequence[Job]) -> dict[str, Any]:
    """Padded on the left, so that all answers begin at the same place."""
    import torch

    widest = max(len(job.rendered.ids) for job in jobs)
    fill = padding(loaded)
    ids = [[fill] * (widest - len(job.rendered.ids)) + job.rendered.ids for job in jobs]
    mask = [[0] * (widest - len(job.rendered.ids)) + [1] * len(job.rendered.ids) for job in jobs]
    return {
        "input_ids": torch.tensor(ids, device=loaded.device),
        "attention_mask": torch.tensor(mask, device=loaded.device),
    }


def _response(
    loaded: Loaded,
    limit: TokenLimits,
    ids: list[int],
    width: int,
    ends: frozenset[int],
    broken: bool,
) -> Response:
    if broken:
        return failed("the model's logits are not numbers (NaN); try dtype = bfloat16 or float32")
    reason = FinishReason.LENGTH
    ids = ids[: limit.max_tokens]
    for place, one in enumerate(ids):
        if one in ends:
            ids, reason = ids[: place + 1], FinishReason.STOP
            break
    text = loaded.tokenizer.decode(ids, skip_special_tokens=True)
    cut, ended = cut_text(text, limit.stop, reason)
    if cut != text and reason is not FinishReason.STOP:
        ids = _up_to(loaded, ids, limit.stop)
    return Response(
        text=cut,
        finish_reason=ended,
        usage=Usage(prompt_tokens=width, completion_tokens=len(ids)),
    )


def _up_to(loaded: Loaded, ids: list[int], stop: Sequence[str]) -> list[int]:
    """The tokens until a stop string is whole: what followed is padding."""
    low, high = 1, len(ids)
    while low < high:
        middle = (low + high) // 2
        text = loaded.tokenizer.decode(ids[:middle], skip_special_tokens=True)
        if any(one in text for one in stop):
            high = middle
        else:
            low = middle + 1
    return ids[:low]
