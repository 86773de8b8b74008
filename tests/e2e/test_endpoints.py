"""Endpoints that are no conversation, over HTTP: searches, labels, transcripts, loads of each."""

from __future__ import annotations

import hashlib
import json
import math
import wave
from pathlib import Path
from typing import Any

import pytest
from live import Project, simulator

BEIR = Path(__file__).parents[2] / "plugins" / "datasets" / "retrieval" / "tests" / "data"

SET = """
summary = "Made-up texts."
files.test = "texts.jsonl"
columns.id = "id"
columns.answer = "label"
evaluator = "label"
metrics = ["accuracy", "macro-f1"]
[variants.classify]
template = "classify"
prompt.texts = ["{text}"]
[variants.embed]
template = "embed"
prompt.texts = ["{text}", "{id}"]
[variants.rerank]
template = "rerank"
prompt.query = "{id}"
prompt.documents = ["{text}", "{id} {text}", "other"]
"""


def rows(project: Project) -> None:
    """Twelve texts, and what the simulated model knows of them."""
    texts = [
        {"id": f"t{at}", "text": f"Text number {at}.", "label": ("good", "bad")[at % 2]}
        for at in range(12)
    ]
    known = [{"question": one["text"], "answer": one["label"]} for one in texts]
    project.write("texts.jsonl", "".join(json.dumps(one) + "\n" for one in texts))
    project.write("known.jsonl", "".join(json.dumps(one) + "\n" for one in known))
    project.write("set.toml", SET)


def figures(project: Project, name: str) -> dict[str, float]:
    """Those of the only task of the last run."""
    found = (project.last_run(name) / "results").rglob("*.json")
    document = json.loads(next(found).read_text())
    return {one["name"]: one["value"] for one in document["figures"]}


def measured(project: Project, name: str) -> dict[str, Any]:
    """The only load of the last run."""
    (path,) = project.last_run(name).glob("performance/m/d/*/summary.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_a_search_and_a_rerank_model(project: Project) -> None:
    """The simulated vectors are near where words are shared: the figures are known."""
    suite = """
    [suite]
    name = "search"
    [models.m]
    backend = "{backend}"
    url = "{url}"
    [datasets.d]
    dataset = "{dataset}"
    path = "{path}"
    """
    with simulator() as server:
        for backend, dataset in (("openai-embeddings", "retrieval"), ("rerank", "reranking")):
            filled = suite.format(backend=backend, url=server.url, dataset=dataset, path=BEIR)
            project.write("s.toml", filled)
            done = project.run("run", "s.toml")
            assert done.code == 0, done.out + done.err
            found = figures(project, "search")
            assert found["ndcg@10"] == pytest.approx(95.3, abs=0.1), backend
            assert found["recall@10"] == 100
        row = project.rows("search", "m", "d")[0]
        assert len(row["response"]["relevance"]) == 6


@pytest.mark.slow
def test_failed_documents_leave_no_figure(project: Project) -> None:
    project.write(
        "s.toml",
        f"""
        [suite]
        name = "search"
        max_failed = 1.0
        [models.m]
        backend = "openai-embeddings"
        url = "URL"
        retry = {{ attempts = 1 }}
        [datasets.d]
        dataset = "retrieval"
        path = "{BEIR}"
        batch = 1
        """,
    )
    with simulator("--fail", "500:0.6", "--seed", "2") as server:
        text = (project.path / "s.toml").read_text()
        project.write("s.toml", text.replace("URL", server.url))
        done = project.run("run", "s.toml")
    assert done.code == 0, done.err  # as max_failed allows it
    assert "requests for documents are not answered" in done.out
    assert project.result("search", "m", "d")["figures"] == []


@pytest.mark.slow
def test_labels_with_known_answers(project: Project) -> None:
    rows(project)
    with simulator(
        "--answers", str(project.path / "known.jsonl"), "--labels", "good", "--labels", "bad"
    ) as server:
        for backend in ("vllm-classify", "tei-predict"):
            project.write(
                "s.toml",
                f"""
                [suite]
                name = "labels"
                [models.m]
                backend = "{backend}"
                url = "{server.url}"
                [datasets.d]
                dataset = "./set.toml"
                """,
            )
            done = project.run("run", "s.toml")
            assert done.code == 0, done.out + done.err
            assert figures(project, "labels") == {
                "accuracy": 100.0, "macro_f1": 100.0, "weighted_f1": 100.0,
            }  # fmt: skip


def sounds(project: Project) -> dict[str, str]:
    """Three tones of 0.5, 1 and 1.5 seconds, and the transcript of each."""
    said = {}
    lines = []
    for number in range(3):
        path = project.path / f"{number}.wav"
        frames = bytearray()
        for at in range(4000 * (number + 1)):
            level = round(8000 * math.sin(at * (number + 1) / 9))
            frames += level.to_bytes(2, "little", signed=True)
        with wave.open(str(path), "wb") as opened:
            opened.setnchannels(1)
            opened.setsampwidth(2)
            opened.setframerate(8000)
            opened.writeframes(bytes(frames))
        words = ("It is twenty one degrees", "Good morning", "Colour is light")[number]
        said[hashlib.sha256(path.read_bytes()).hexdigest()] = words
        lines.append(json.dumps({"id": str(number), "sound": path.name, "said": words}))
    project.write("sounds.jsonl", "\n".join(lines) + "\n")
    project.write(
        "sounds.toml",
        """
        summary = "Made-up sounds."
        files.test = "sounds.jsonl"
        columns.id = "id"
        columns.answer = "said"
        evaluator = "wer"
        metrics = ["measures"]
        [media.sound]
        kind = "audio"
        folder = "."
        [variants.transcribe]
        template = "transcribe"
        prompt.audio = "{sound}"
        """,
    )
    return said


def test_transcripts_with_known_words_and_their_load(project: Project) -> None:
    said = sounds(project)
    book = [{"question": one, "answer": words} for one, words in said.items()]
    project.write("known.jsonl", "".join(json.dumps(one) + "\n" for one in book))
    suite = """
    [suite]
    name = "heard"
    mode = "{mode}"
    [models.m]
    backend = "openai-transcriptions"
    url = "{url}"
    stream = {stream}
    answer = "{answer}"
    [datasets.d]
    dataset = "./sounds.toml"
    """
    load = '[load]\nshape = "closed"\nconcurrency = 2\nrequests = 9\n'
    known = str(project.path / "known.jsonl")
    with simulator("--answers", known, "--ttft-ms", "20", "--tpot-ms", "2") as server:
        for stream, answer in (("false", "json"), ("false", "verbose_json"), ("true", "json")):
            filled = suite.format(mode="both", url=server.url, stream=stream, answer=answer)
            project.write("s.toml", filled + load)
            done = project.run("run", "s.toml")
            assert done.code == 0, done.out + done.err
            result = measured(project, "heard")
            (run, *_) = result["populations"]
            found = {one["name"]: one["value"] for one in run["figures"]}
            assert found["total_items"] == 9
            names = {one["name"]: one for one in run["statistics"]}
            lengths = names["audio_length"]
            assert (lengths["min"], lengths["max"]) == (0.5, 1.5)
            assert found["total_audio"] == pytest.approx(9 * lengths["mean"])
            rate = found["total_audio"] / found["benchmark_duration"]
            assert found["audio_throughput"] == pytest.approx(rate)
            assert names["real_time_factor"]["mean"] < 1
            assert ("ttft" in names) is (stream == "true")
            assert figures(project, "heard")["wer"] == 0


@pytest.mark.parametrize(
    ("backend", "variant", "items"),
    [
        ("openai-embeddings", "embed", 2),
        pytest.param("tei-predict", "classify", 1, marks=pytest.mark.slow),
        pytest.param("rerank", "rerank", 3, marks=pytest.mark.slow),
    ],
)
def test_a_load_has_items_and_no_tokens_that_are_none(
    project: Project, backend: str, variant: str, items: int
) -> None:
    rows(project)
    with simulator("--ttft-ms", "5") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "load"
            mode = "performance"
            [models.m]
            backend = "{backend}"
            url = "{server.url}"
            [datasets.d]
            dataset = "./set.toml"
            variant = "{variant}"
            [load]
            shape = "closed"
            concurrency = 2
            requests = 10
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    result = measured(project, "load")
    (run, *_) = result["populations"]
    found = {one["name"]: one["value"] for one in run["figures"]}
    assert found["total_items"] == 10 * items
    assert found["item_throughput"] == pytest.approx(items * found["request_throughput"])
    assert not {"total_output_tokens", "empty_answers", "total_audio"} & set(found)
    names = {one["name"] for one in run["statistics"]}
    assert "e2el" in names
    assert not {"ttft", "tpot", "itl", "output_tokens"} & names
    assert "nothing is generated" in done.out
    assert "set stream = true" not in done.out


def test_messages_are_streamed_and_thought_over(project: Project) -> None:
    rows(project)
    with simulator("--reasoning", "field", "--ttft-ms", "10", "--tpot-ms", "1") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "messages"
            mode = "performance"
            [models.m]
            backend = "anthropic-messages"
            url = "{server.url}"
            generation = {{ max_tokens = 64 }}
            [datasets.d]
            dataset = "synthetic"
            unit = "words"
            input = 12
            output = 64
            ignore_eos = false
            [load]
            shape = "closed"
            concurrency = 2
            requests = 6
            """,
        )
        done = project.run("run", "s.toml")
        assert done.code == 0, done.out + done.err
        stats = server.stats()
    assert stats["requests"]["/v1/messages"]["200"] >= 6
    result = measured(project, "messages")
    (run, *_) = result["populations"]
    names: dict[str, Any] = {one["name"]: one for one in run["statistics"]}
    assert names["ttft"]["mean"] < names["ttfa"]["mean"] < names["e2el"]["mean"]
    assert names["tpot"]["mean"] == pytest.approx(1.0, rel=0.6)
    assert result["ledger"]["output"]["server"]["known"] == 6
