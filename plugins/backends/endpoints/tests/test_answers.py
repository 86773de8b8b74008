"""What is made of answers: in the order of the request, and never a wrong one."""

from __future__ import annotations

import json
import math
import struct
from base64 import b64encode
from typing import Any

import pytest

from aisbench.api import (
    Classes,
    ContentPart,
    FaultKind,
    Media,
    Message,
    Prompt,
    Request,
    Response,
    Vectors,
)
from aisbench_plugin_endpoints.embeddings import OpenAiEmbeddings, TeiEmbed
from aisbench_plugin_endpoints.labels import TeiPredict, VllmClassify
from aisbench_plugin_endpoints.ranking import Rerank, TeiRerank, VllmScore
from aisbench_plugin_endpoints.settings import (
    EmbeddingsSettings,
    RerankRouteSettings,
    ScoreSettings,
    TeiSettings,
    TranscriptionsSettings,
    VllmClassifySettings,
)
from aisbench_plugin_endpoints.sounds import Transcriptions
from aisbench_testkit.canned import heard

TEXTS = Prompt(texts=("a", "b"))
DOCUMENTS = Prompt(texts=("a", "b"), query="q")


def asked(prompt: Prompt, *, stream: bool = False, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=prompt, seed=7,
        generation=generation, stream=stream,
    )  # fmt: skip


def read(backend: Any, request: Request, body: Any, status: int = 200) -> Response:
    decoder = backend.decoder(request)
    decoder.start(status, "application/json")
    decoder.feed(body if isinstance(body, bytes) else json.dumps(body).encode())
    response: Response = decoder.finish()
    return response


def listed(*embeddings: Any) -> dict[str, Any]:
    data = [{"index": at, "embedding": one} for at, one in enumerate(embeddings)]
    return {"data": data, "model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 0}}


OPENAI = OpenAiEmbeddings(EmbeddingsSettings())


def test_vectors_as_numbers_and_as_base64_are_the_same() -> None:
    rows = [[0.5, -0.25], [1.0, 0.0]]
    packed = [b64encode(struct.pack("<2f", *row)).decode() for row in rows]
    one, other = (read(OPENAI, asked(TEXTS), listed(*found)) for found in (rows, packed))
    assert one == other
    assert one.vectors == Vectors.of(rows)
    assert list(one.vectors) == [(0.5, -0.25), (1.0, 0.0)]
    assert (one.usage.prompt_tokens, one.usage.completion_tokens, one.usage.items) == (5, None, 2)
    assert not one.generated
    swapped = listed(*rows)
    swapped["data"].reverse()
    assert read(OPENAI, asked(TEXTS), swapped).vectors == one.vectors
    assert read(TeiEmbed(TeiSettings()), asked(TEXTS), rows).vectors == one.vectors


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (listed([1.0]), "the answer has 1 vectors for 2 texts"),
        (listed([1.0], [1.0], [1.0]), "3 vectors for 2 texts"),
        (listed([1.0], [1.0, 2.0]), "vector 1 has 2 numbers, and vector 0 has 1"),
        (listed([1.0], [None]), "vector 1 has null among its numbers"),
        (listed([1.0], [True]), "vector 1 has no numbers"),
        (listed([1.0], []), "vector 1 is empty"),
        (listed([1.0], "not base64!"), "vector 1 is no base64"),
        (listed([1.0], "AAA="), "vector 1 is no base64"),
        (listed([1.0], None), "vector 1 has no numbers"),
        (b'{"data": [{"index": 0, "embedding": [NaN]}, {"index": 1, "embedding": [1.0]}]}', "NaN"),
        (listed([1.0], [1e300]), "single precision does not hold"),
        ({"data": [{"index": 0, "embedding": [1.0]}] * 2}, "two of the vectors have the index 0"),
        ({"data": [{"index": 7, "embedding": [1.0]}] * 2}, "has the index 7 of 2 texts"),
        ({"data": [{"embedding": [1.0]}] * 2}, "one of the vectors has no index"),
    ],
)
def test_vectors_that_are_not_to_be_believed(body: Any, said: str) -> None:
    response = read(OPENAI, asked(TEXTS), body)
    assert response.fault is not None
    assert response.fault.kind is FaultKind.PROTOCOL
    assert said in response.fault.message
    assert response.vectors is None


def test_vectors_of_another_length_than_was_asked_for() -> None:
    response = read(OPENAI, asked(TEXTS, dimensions=3), listed([1.0, 2.0], [1.0, 2.0]))
    assert response.fault is not None
    assert "have 2 numbers, and dimensions = 3" in response.fault.message


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({"error": {"message": "too long", "code": 400}}, 400, FaultKind.HTTP),
        ({"error": {"message": "the engine died"}}, 200, FaultKind.SERVER),
        ({"choices": []}, 200, FaultKind.PROTOCOL),
        (b"<html><title>Gateway</title></html>", 200, FaultKind.PROTOCOL),
        (b"", 200, FaultKind.CUT),
    ],
)
def test_no_vectors_at_all(body: Any, status: int, kind: FaultKind) -> None:
    response = read(OPENAI, asked(TEXTS), body, status)
    assert response.fault is not None
    assert response.fault.kind is kind


SCORED = [{"index": 1, "relevance_score": 0.75}, {"index": 0, "relevance_score": -3}]
BARE = [{"index": 1, "score": 0.75}, {"index": 0, "score": -3.0}]


@pytest.mark.parametrize(
    ("backend", "body"),
    [
        (Rerank(RerankRouteSettings()), {"results": SCORED, "usage": {"total_tokens": 9}}),
        (
            Rerank(RerankRouteSettings()),
            {"results": SCORED, "meta": {"tokens": {"input_tokens": 9.0}}},
        ),
        (Rerank(RerankRouteSettings()), BARE),  # SGLang
        (TeiRerank(TeiSettings()), BARE),
        (VllmScore(ScoreSettings()), {"data": BARE, "usage": {"prompt_tokens": 9}}),
    ],
)
def test_scores_in_the_order_of_the_documents(backend: Any, body: Any) -> None:
    response = read(backend, asked(DOCUMENTS), body)
    assert response.fault is None
    assert response.relevance == (-3.0, 0.75)
    assert response.usage.prompt_tokens in (None, 9)
    assert response.usage.items == 2
    short = body[:1] if isinstance(body, list) else {**body, next(iter(body)): SCORED[:1]}
    failed = read(backend, asked(DOCUMENTS), short)
    assert failed.fault is not None
    assert "1 scores for 2 texts" in failed.fault.message


def test_a_score_that_is_no_number() -> None:
    body = {"results": [SCORED[0], {"index": 0, "relevance_score": None}]}
    response = read(Rerank(RerankRouteSettings()), asked(DOCUMENTS), body)
    assert response.fault is not None
    assert "score 0 is null" in response.fault.message


def test_labels() -> None:
    told = [{"index": 1, "label": "Spam", "probs": [0.25, 0.75]},
            {"index": 0, "label": None, "probs": [0.5, 0.25, 0.25]}]  # fmt: skip
    response = read(VllmClassify(VllmClassifySettings()), asked(TEXTS), {"data": told})
    first, second = response.classes
    assert first.label == "0"
    assert second == Classes(label="Spam", probabilities=(("Spam", 0.75), ("0", 0.25)))
    lists = [[{"label": "x", "score": 0.1}, {"label": "y", "score": 0.9}]]
    for body in (lists, lists[0]):
        found = read(TeiPredict(TeiSettings()), asked(Prompt(texts=("a",))), body)
        assert (found.text, found.classes[0].probabilities[0]) == ("y", ("y", 0.9))
    wrong = read(TeiPredict(TeiSettings()), asked(TEXTS), lists)
    assert wrong.fault is not None
    assert "1 labels for 2 texts" in wrong.fault.message


def test_prompts_of_another_form_are_refused() -> None:
    for backend, prompt in (
        (OPENAI, DOCUMENTS),
        (OPENAI, Prompt(text="a")),
        (Rerank(RerankRouteSettings()), TEXTS),
        (Transcriptions(TranscriptionsSettings()), TEXTS),
    ):
        with pytest.raises(ValueError, match="needs"):
            backend.encode(asked(prompt))
    linked = ContentPart(media=Media(kind="audio", url="https://example.com/a.wav"))
    prompt = Prompt(messages=(Message(role="user", content=(linked,)),))
    with pytest.raises(ValueError, match="not a url"):
        Transcriptions(TranscriptionsSettings()).encode(asked(prompt))
    assert OPENAI.setting_of("encoding_format") == 'encoding = "float"'
    assert "generates no text" in OPENAI.refused({"max_tokens": 5})["max_tokens"]
    assert "top_n" in Rerank(RerankRouteSettings()).refused({"top_n": 3})


def test_a_sound_is_uploaded_as_a_form() -> None:
    backend = Transcriptions(TranscriptionsSettings())
    request = asked(heard("Names: Ada"), stream=True, language="en",
                    timestamp_granularities=["word", "segment"], temperature=0.5)  # fmt: skip
    wire = backend.encode(request)
    kind = wire.headers["Content-Type"]
    border = kind.partition("boundary=")[2].encode()
    parts = [one.split(b"\r\n\r\n", 1) for one in wire.body.split(b"--" + border)[1:-1]]
    found = [(head.split(b'name="')[1].split(b'"')[0].decode(), body[:-2]) for head, body in parts]
    values = {name: value for name, value in found if name != "timestamp_granularities[]"}
    assert values["file"].startswith(b"RIFF")
    assert {name: value.decode() for name, value in values.items() if name != "file"} == {
        "model": "m", "prompt": "Names: Ada", "response_format": "json", "language": "en",
        "temperature": "0.5", "stream": "true", "stream_include_usage": "true",
    }  # fmt: skip
    assert [name for name, _ in found].count("timestamp_granularities[]") == 2
    response = read(backend, request, {"text": "hello", "duration": "7.5"})
    assert response.usage.audio_ns == 10_000_000  # by the sound's own head
    assert response.generated
    assert math.isclose(response.usage.items or 0, 1)
