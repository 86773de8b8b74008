"""Log-probabilities of continuations; what several share goes through the model once."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs
from attrs import frozen

from aisbench.api import Response, Scored, Usage
from aisbench.codec import Rendered, joined
from aisbench_plugin_transformers.generating import failed, padding
from aisbench_plugin_transformers.loading import Loaded
from aisbench_plugin_transformers.media_batch import put_together


@frozen
class Question:
    """One continuation, or a piece of one: its ``place`` among the requests, and its number."""

    place: int
    rendered: Rendered
    piece: int = 0


def together(
    found: Iterable[tuple[Question, Response]], counts: Mapping[int, int]
) -> Iterator[tuple[int, Response]]:
    """Each request's response when the last of its pieces is there; ``counts`` says how many each
    has."""
    held: dict[int, dict[int, Response]] = defaultdict(dict)
    for question, response in found:
        pieces = held[question.place]
        pieces[question.piece] = response
        if len(pieces) == counts[question.place]:
            del held[question.place]
            yield question.place, joined([one for _, one in sorted(pieces.items())])


def score(loaded: Loaded, questions: Sequence[Question]) -> list[Response]:
    """A response for each, in their order; all have the same prompt. Raises what torch raises."""
    import torch

    if questions[0].rendered.media:
        return _score_shown(loaded, questions, torch)
    shared = _shared([one.rendered for one in questions])
    with torch.inference_mode():
        if len(questions) == 1 or shared < 1:
            logits = _plain(loaded, questions, torch)
            shared = 0
        else:
            logits = _on_cache(loaded, questions, shared, torch)
    return [
        _response(loaded, one.rendered, rows, shared, torch)
        for one, rows in zip(questions, logits, strict=True)
    ]


def _score_shown(loaded: Loaded, questions: Sequence[Question], torch: Any) -> list[Response]:
    """Of prompts with pictures, sounds or films, each of which goes through the model as a whole.
    The last token is foretold and not read, so one more than the model takes is no more."""
    most = None if loaded.length is None else loaded.length + 1
    batch = put_together(loaded, [one.rendered for one in questions], "right", most)
    found = {number: failed(why) for number, why in batch.refused.items()}
    if batch.kept:
        with torch.inference_mode():
            logits = loaded.model(**batch.inputs, use_cache=False).logits
        for place, number in enumerate(batch.kept):
            rendered, width = questions[number].rendered, batch.widths[place]
            ids = batch.inputs["input_ids"][place, :width].tolist()
            begin = width - len(rendered.own)
            if ids[begin:] != rendered.own:
                found[number] = failed(
                    "the model's processor makes other tokens of the continuation than its "
                    "tokenizer, so that it cannot be scored behind a picture, sound or film"
                )
                continue
            whole = attrs.evolve(rendered, ids=ids, scored=begin)
            response = _response(loaded, whole, logits[place], 0, torch)
            found[number] = attrs.evolve(response, seen=batch.seen[place])
    return [found[number] for number in range(len(questions))]


def _shared(rendered: Sequence[Rendered]) -> int:
    """How many tokens at the beginning are the same, at most those before any continuation."""
    first = rendered[0].ids
    most = min(one.scored for one in rendered)
    for place in range(most):
        if any(one.ids[place] != first[place] for one in rendered):
            return place
    return most


def _plain(loaded: Loaded, questions: Sequence[Question], torch: Any) -> Any:
    """Logits of whole texts, padded on the right: what follows changes nothing before it."""
    # The last token is foretold and foretells nothing.
    ids, mask = _padded(loaded, [one.rendered.ids[:-1] for one in questions], torch)
    return loaded.model(input_ids=ids, attention_mask=mask, use_cache=False).logits


def _on_cache(loaded: Loaded, questions: Sequence[Question], shared: int, torch: Any) -> Any:
    """Logits from the last shared token on."""
    prefix = torch.tensor([questions[0].rendered.ids[:shared]], device=loaded.device)
    before = loaded.model(input_ids=prefix, use_cache=True)
    cache = copy.deepcopy(before.past_key_values)
    count = len(questions)
    cache.batch_repeat_interleave(count)
    ids, mask = _padded(loaded, [one.rendered.ids[shared:-1] for one in questions], torch)
    width = ids.shape[1]
    last = before.logits[:, -1:].expand(count, -1, -1)
    if not width:
        return last
    seen = torch.ones((count, shared), dtype=mask.dtype, device=loaded.device)
    places = torch.arange(shared, shared + width, device=loaded.device).expand(count, width)
    after = loaded.model(
        input_ids=ids,
        attention_mask=torch.cat([seen, mask], dim=1),
        position_ids=places,
        past_key_values=cache,
        use_cache=True,
    ).logits
    return torch.cat([last, after], dim=1)


def _padded(loaded: Loaded, rows: Sequence[list[int]], torch: Any) -> tuple[Any, Any]:
    widest = max(map(len, rows))
    fill = padding(loaded)
    ids = torch.tensor([row + [fill] * (widest - len(row)) for row in rows], device=loaded.device)
    mask = [[1] * len(row) + [0] * (widest - len(row)) for row in rows]
    return ids, torch.tensor(mask, device=loaded.device)


def _response(
    loaded: Loaded, rendered: Rendered, logits: Any, shared: int, torch: Any
) -> Response:
    """``logits[i]`` foretell the token at ``shared + i``, or, of a whole text, at ``i + 1``."""
    own = rendered.ids[rendered.scored :]
    begin = rendered.scored - shared if shared else rendered.scored - 1
    rows = torch.log_softmax(logits[begin : begin + len(own)].float(), dim=-1)
    wanted = torch.tensor(own, device=rows.device)
    values = rows.gather(1, wanted[:, None]).flatten()
    greedy = bool((rows.argmax(dim=-1) == wanted).all())
    return Response(
        scored=Scored(
            logprobs=tuple(min(0.0, float(value)) for value in values.tolist()),
            tokens=tuple(loaded.tokenizer.decode([one]) for one in own),
            greedy=greedy,
        ),
        usage=Usage(prompt_tokens=len(rendered.ids), completion_tokens=0),
    )
