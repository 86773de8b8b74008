"""Labels of texts: vLLM's ``/classify``, and ``/predict`` of Text Embeddings Inference."""

from __future__ import annotations

from typing import Any

from attrs import define

from aisbench.api import Classes, HttpRequest, Request
from aisbench.codec import EventDecoder, Names, post_json, whole
from aisbench_plugin_endpoints.batch import BatchCollector, MalformedError, in_order, number
from aisbench_plugin_endpoints.service import GENERATING, EndpointService, texts_of
from aisbench_plugin_endpoints.settings import TeiSettings, VllmClassifySettings

END = "the whole answer"


class VllmClassify(EndpointService):
    """``/classify``: https://docs.vllm.ai/en/latest/models/pooling_models/classify/."""

    names = Names(
        protocol="vLLM's classification API",
        known=frozenset(
            {
                "adapter_id", "add_special_tokens", "cache_salt", "mm_processor_kwargs",
                "padding", "priority", "truncate_prompt_tokens", "truncation_side",
                "use_activation", "user",
            }
        ),
        advice={**GENERATING, "input": "the data set's texts are sent"},
    )  # fmt: skip

    def __init__(self, settings: VllmClassifySettings) -> None:
        super().__init__(settings.path)

    def encode(self, request: Request) -> HttpRequest:
        body = {
            **self._model(request),
            "input": list(texts_of(request)),
            **self._settings_of(request),
        }
        return post_json(self._path, body)

    def decoder(self, request: Request) -> EventDecoder:
        answer = VllmLabels(len(texts_of(request)))
        return EventDecoder(answer, "vLLM's classification API (/classify)", END)


class TeiPredict(EndpointService):
    """``/predict``. A batch is a list of lists there; it counts no tokens in the body."""

    tei = True
    names = Names(
        protocol="Text Embeddings Inference",
        known=frozenset({"raw_scores", "truncate", "truncation_direction"}),
        advice=GENERATING,
    )

    def __init__(self, settings: TeiSettings) -> None:
        super().__init__("/predict")

    def encode(self, request: Request) -> HttpRequest:
        texts = [[text] for text in texts_of(request)]
        return post_json(self._path, {"inputs": texts, **self._settings_of(request)})

    def decoder(self, request: Request) -> EventDecoder:
        answer = TeiLabels(len(texts_of(request)))
        return EventDecoder(answer, "Text Embeddings Inference (/predict)", END)


@define(eq=False)
class VllmLabels(BatchCollector):
    """``data``: ``{"index", "label", "probs"}``. The probabilities have no names but the chosen
    one's: the others are called by their places."""

    def is_answer(self, body: Any) -> bool:
        return type(body) is dict and type(body.get("data")) is list

    def read(self, body: Any) -> dict[str, Any]:
        entries = in_order(body["data"], self.count, "labels")
        return _answer([_of_probs(one, place) for place, one in enumerate(entries)])


@define(eq=False)
class TeiLabels(BatchCollector):
    """A list, for each text a list of ``{"label", "score"}``; of one text that list alone."""

    def is_answer(self, body: Any) -> bool:
        first = body[0] if type(body) is list and body else None
        while type(first) is list and first:
            first = first[0]
        return type(first) is dict and "label" in first and "score" in first

    def read(self, body: Any) -> dict[str, Any]:
        lists = body if type(body[0]) is list else [body]
        if len(lists) != self.count:
            raise MalformedError(f"the answer has {len(lists)} labels for {self.count} texts")
        return _answer([_of_scores(one, place) for place, one in enumerate(lists)])


def _answer(found: list[Classes]) -> dict[str, Any]:
    """The label of one text is its text too, as evaluators of texts read it."""
    text = found[0].label if len(found) == 1 else "\n".join(one.label for one in found)
    return {"classes": tuple(found), "text": text}


def _of_probs(entry: dict[str, Any], place: int) -> Classes:
    probs = entry.get("probs")
    if type(probs) is not list or not probs:
        raise MalformedError(f"text {place} has no probabilities")
    values = [number(one, f"a probability of text {place}") for one in probs]
    best = max(range(len(values)), key=values.__getitem__)
    label = entry.get("label")
    name = whole(label) if isinstance(label, str) and label else str(best)
    named = [(name if at == best else str(at), value) for at, value in enumerate(values)]
    return Classes(label=name, probabilities=_falling(named))


def _of_scores(entries: Any, place: int) -> Classes:
    if type(entries) is not list or not entries:
        raise MalformedError(f"text {place} has no labels")
    named = []
    for one in entries:
        label = one.get("label") if type(one) is dict else None
        if not isinstance(label, str):
            raise MalformedError(f"text {place} has a score without a label")
        named.append((whole(label), number(one.get("score"), f"a score of text {place}")))
    ordered = _falling(named)
    return Classes(label=ordered[0][0], probabilities=ordered)


def _falling(named: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(named, key=lambda pair: -pair[1]))
