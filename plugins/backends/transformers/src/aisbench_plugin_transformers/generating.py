"""Answers of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import Fault, FaultKind, FinishReason, Response, Usage
from aisbench.codec import Rendered, cut_text
from aisbench_plugin_transformers.loading import Loaded
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
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    inputs = _inputs(loaded, jobs, torch)
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


def _inputs(loaded: Loaded, jobs: Sequence[Job], torch: Any) -> dict[str, Any]:
    """Padded on the left, so that all answers begin at the same place."""
    if jobs[0].rendered.images:
        loaded.processor.tokenizer.padding_side = "left"
        texts = [job.rendered.text for job in jobs]
        begin = loaded.tokenizer.bos_token
        # What the template wrote already is not put before it once more, as in Transformers.
        has_begun = bool(begin) and all(text.startswith(begin) for text in texts)
        made = loaded.processor(
            text=texts,
            images=[job.rendered.images for job in jobs],
            padding=True,
            return_tensors="pt",
            **({"add_special_tokens": False} if has_begun else {}),
        )
        return dict(made.to(loaded.device))
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
        return Response(
            fault=Fault(
                kind=FaultKind.LOCAL,
                message="the model's logits are not numbers (NaN); try dtype = bfloat16 or "
                "float32",
            )
        )
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
