"""Labels of texts: the known answer where the text is a known question (right as often as the
settings say), else one drawn by the text."""

from __future__ import annotations

from typing import Any

import orjson

from aisbench_plugin_simulator.chance import bits, draw
from aisbench_plugin_simulator.checking import json_object, missing, wrong_type
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.embeddings import tei_batch
from aisbench_plugin_simulator.endpoint_reply import (
    EndpointReply,
    counted,
    listed,
    model_of,
    texts_of,
)
from aisbench_plugin_simulator.simulator import Simulator


def vllm(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/classify``. Raises Refusal."""
    settings = simulator.settings
    data = json_object(body)
    model = model_of(data, settings)
    texts = texts_of(data, "input", settings)
    entries: list[dict[str, Any]] = []
    verdicts = []
    for at, text in enumerate(texts):
        probabilities, verdict = _probabilities(text, simulator)
        verdicts.append(verdict)
        best = max(probabilities, key=probabilities.__getitem__)
        entries.append(
            {
                "index": at,
                "label": best,
                "probs": list(probabilities.values()),
                "num_classes": len(probabilities),
            }
        )
    tokens = counted(texts)
    made = listed(f"classify-{bits(body) & 0xFFFF:x}", model, entries, tokens)
    return EndpointReply(
        body=orjson.dumps(made), prompt_tokens=tokens, steps=len(texts), verdict=verdicts[0]
    )


def tei(body: bytes, simulator: Simulator) -> EndpointReply:
    """``/predict``: a text, or a list of lists, each of one text (or of a pair). Raises
    Refusal."""
    data = json_object(body)
    if (given := data.get("inputs")) is None:
        raise missing(data, "inputs")
    batch = isinstance(given, list) and all(isinstance(one, list) for one in given)
    joined = [" ".join(map(str, one)) for one in given] if batch else given
    if not batch and not isinstance(given, str):
        raise wrong_type("inputs", "str", given)
    texts = tei_batch(texts_of({"inputs": joined}, "inputs", simulator.settings))
    rows, verdicts = [], []
    for text in texts:
        probabilities, verdict = _probabilities(text, simulator)
        verdicts.append(verdict)
        falling = sorted(probabilities.items(), key=lambda pair: -pair[1])
        rows.append([{"score": value, "label": label} for label, value in falling])
    return EndpointReply(
        body=orjson.dumps(rows if batch else rows[0]),
        prompt_tokens=counted(texts),
        steps=len(texts),
        verdict=verdicts[0],
    )


def _probabilities(text: str, simulator: Simulator) -> tuple[dict[str, float], str]:
    """By label, and whether the likeliest is the known one."""
    settings = simulator.settings
    labels = list(settings.labels)
    known = simulator.book.find(text) if simulator.book is not None else None
    verdict = "unknown"
    chosen = labels[bits(settings.seed, "label", text) % len(labels)]
    if known is not None:
        if known.answer not in labels:
            labels.append(known.answer)
        right = is_right(settings.seed, known.question, settings.accuracy, None)
        verdict = "right" if right else "wrong"
        others = [one for one in labels if one != known.answer]
        chosen = known.answer if right or not others else others[0]
    sure = 0.6 + 0.39 * draw(settings.seed, "sure", text)
    rest = (1 - sure) / max(1, len(labels) - 1)
    return {label: sure if label == chosen else rest for label in labels}, verdict
