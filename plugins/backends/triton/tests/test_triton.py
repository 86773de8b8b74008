"""What is sent to Triton, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, FinishReason, Prompt, Request, Response, TokenLogprob
from aisbench_plugin_triton.generate import TritonGenerateBackend
from aisbench_plugin_triton.infer import TritonInferBackend
from aisbench_plugin_triton.settings import TritonGenerateSettings, TritonInferSettings

SAMPLING = {"max_tokens": 9, "temperature": 0.5, "top_k": 4, "stop": ["\n\n"]}


def request(stream: bool = False, seed: int | None = 7, **generation: Any) -> Request:
    return Request(
        key="key", sample_id="1", repeat=0, turn=0, model="my model", seed=seed, stream=stream,
        prompt=Prompt(text="Q: 1+1?", stop=("Q:",)), generation=generation,
    )  # fmt: skip


Backend = TritonGenerateBackend | TritonInferBackend


def body_of(backend: Backend, asked: Request) -> tuple[str, dict[str, Any]]:
    wire = backend.encode(asked)
    return wire.path, json.loads(wire.body)


def answer(
    backend: TritonGenerateBackend | TritonInferBackend,
    asked: Request,
    body: bytes,
    kind: str = "json",
) -> tuple[Response, int]:
    decoder = backend.decoder(asked)
    decoder.start(200, "text/event-stream" if kind == "sse" else "application/json")
    tokens = decoder.feed(body)
    return decoder.finish(), tokens


def test_inputs_of_tensorrt_llm() -> None:
    path, body = body_of(TritonGenerateBackend(TritonGenerateSettings()), request(**SAMPLING))
    assert path == "/v2/models/my%20model/generate"
    assert body == {
        "id": "key", "text_input": "Q: 1+1?", "max_tokens": 9, "temperature": 0.5, "top_k": 4,
        "stop_words": ["\n\n", "Q:"], "random_seed": 7, "stream": False,
    }  # fmt: skip
    path, body = body_of(
        TritonGenerateBackend(TritonGenerateSettings(version="3")),
        request(stream=True, max_new_tokens=4),
    )
    assert path == "/v2/models/my%20model/versions/3/generate_stream"
    assert body["max_tokens"] == 4
    assert body["stream"] is True


def test_tensorrt_llm_knows_adapters_by_number() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings())
    _, body = body_of(backend, request(adapter_id="7"))
    assert body["lora_task_id"] == 7 and "adapter_id" not in body
    assert "adapter_id" not in backend.refused({"adapter_id": "7"})
    assert "lora_task_id" in backend.refused({"adapter_id": "math"})["adapter_id"]


def test_sampling_parameters_of_vllm() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings(dialect="vllm"))
    _, body = body_of(backend, request(stream=True, adapter_id="math", **SAMPLING))
    assert json.loads(body.pop("sampling_parameters")) == {
        "max_tokens": 9, "temperature": 0.5, "top_k": 4, "stop": ["\n\n", "Q:"], "seed": 7,
        "lora_name": "math",
    }  # fmt: skip
    assert body == {
        "id": "key", "text_input": "Q: 1+1?", "stream": True, "exclude_input_in_output": True,
        "return_finish_reason": True, "return_num_input_tokens": True,
        "return_num_output_tokens": True,
    }  # fmt: skip


def test_request_parameters_of_other_models() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings(dialect="parameters", input="PROMPT"))
    _, body = body_of(backend, request(foo="bar", seed=None))
    assert body == {
        "id": "key",
        "PROMPT": "Q: 1+1?",
        "parameters": {"foo": "bar", "stream": False},
    }
    assert "texts, numbers and booleans" in backend.refused({"bad_words": ["x"]})["bad_words"]


def test_tensors() -> None:
    path, body = body_of(
        TritonInferBackend(TritonInferSettings()), request(ignored=None, **SAMPLING)
    )
    assert path == "/v2/models/my%20model/infer"
    tensors = {one.pop("name"): one for one in body["inputs"]}
    assert tensors["text_input"] == {"shape": [1, 1], "datatype": "BYTES", "data": ["Q: 1+1?"]}
    assert tensors["max_tokens"] == {"shape": [1, 1], "datatype": "INT32", "data": [9]}
    assert tensors["temperature"] == {"shape": [1, 1], "datatype": "FP32", "data": [0.5]}
    assert tensors["stop_words"] == {
        "shape": [1, 2], "datatype": "BYTES", "data": ["\n\n", "Q:"],
    }  # fmt: skip
    assert tensors["random_seed"]["datatype"] == "UINT64"
    assert body["outputs"] == [{"name": "text_output"}]


def test_tensors_without_a_batch_and_of_other_types() -> None:
    settings = TritonInferSettings(batched=False, datatypes={"top_k": "UINT32"}, send_seed=False)
    _, body = body_of(TritonInferBackend(settings), request(top_k=4))
    tensors = {one["name"]: one for one in body["inputs"]}
    assert tensors["text_input"]["shape"] == [1]
    assert tensors["top_k"]["datatype"] == "UINT32"
    assert "random_seed" not in tensors
    _, body = body_of(
        TritonInferBackend(TritonInferSettings(send_as="parameters")), request(top_k=4)
    )
    assert body["parameters"] == {"top_k": 4, "seed": 7}
    assert len(body["inputs"]) == 1


@pytest.mark.parametrize(
    ("dialect", "name", "said"),
    [
        ("tensorrtllm", "ignore_eos", "set end_id"),
        ("tensorrtllm", "no_such", "Triton with TensorRT-LLM does not know it; it knows"),
        ("tensorrtllm", "stop_words", "write it as `stop`"),
        ("vllm", "beam_width", "does not know it"),
        ("vllm", "n", "set `repeats`"),
        ("parameters", "seed", "set `seed` of [suite]"),
    ],
)
def test_what_is_refused(dialect: Any, name: str, said: str) -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings(dialect=dialect))
    assert said in backend.refused({name: 1})[name]


def test_two_names_of_one_setting() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings())
    refused = backend.refused({"max_tokens": 1, "max_new_tokens": 2})
    assert refused == {"max_new_tokens": "max_tokens is given too: it is the same"}


def test_counts_and_reason_of_vllms_backend() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings(dialect="vllm"))
    events = b"".join(
        b"data: " + json.dumps(one).encode() + b"\n\n"
        for one in (
            {"model_name": "llm", "text_output": "4", "num_input_tokens": 6,
             "num_output_tokens": 1, "finish_reason": "null"},
            {"model_name": "llm", "text_output": "2", "num_output_tokens": 1},
            {"model_name": "llm", "text_output": "", "num_output_tokens": 1,
             "finish_reason": "length"},
        )
    )  # fmt: skip
    response, tokens = answer(backend, request(stream=True), events, "sse")
    assert response.text == "42"
    assert response.finish_reason is FinishReason.LENGTH
    assert response.usage.prompt_tokens == 6
    assert response.usage.completion_tokens == 3
    assert response.model == "llm"
    assert tokens == 2


def test_an_answer_that_repeats_the_prompt() -> None:
    body = b'{"model_name":"m","text_output":"Q: 1+1?2 Q: 2+2?"}'
    assert answer(TritonGenerateBackend(TritonGenerateSettings()), request(), body)[0].text == "2 "
    kept = TritonGenerateBackend(TritonGenerateSettings(strip_prompt=False))
    assert answer(kept, request(), body)[0].text == ""


def test_an_error_with_status_200() -> None:
    body = b'{"error":"generate expects model to produce exactly 1 response"}'
    response, _ = answer(TritonGenerateBackend(TritonGenerateSettings()), request(), body)
    assert response.fault is not None
    assert response.fault.kind is FaultKind.SERVER
    assert "exactly 1 response" in response.fault.message


def test_another_api_is_named() -> None:
    body = b'{"choices":[{"text":"2"}]}'
    response, _ = answer(TritonGenerateBackend(TritonGenerateSettings()), request(), body)
    assert response.fault is not None
    assert "does not look like Triton's generate extension" in response.fault.message


def test_an_empty_stream_is_a_fault() -> None:
    response, _ = answer(
        TritonGenerateBackend(TritonGenerateSettings()), request(stream=True), b"", "sse"
    )
    assert response.fault is not None


def test_log_probabilities_of_vllms_backend() -> None:
    backend = TritonGenerateBackend(TritonGenerateSettings(dialect="vllm"))
    asked = request(stream=True, logprobs=1)
    _, body = body_of(backend, asked)
    assert body["return_logprobs"] is True
    assert json.loads(body["sampling_parameters"])["logprobs"] == 1
    table = {"17": {"logprob": -0.5, "rank": 2, "decoded_token": "2"},
             "18": {"logprob": -0.25, "rank": 1, "decoded_token": "3"}}  # fmt: skip
    event = {"text_output": "2", "finish_reason": "stop", "logprobs": json.dumps([table])}
    data = b"data: " + json.dumps(event).encode() + b"\n\n"
    assert answer(backend, asked, data, "sse")[0].tokens == (
        TokenLogprob("2", -0.5, (("3", -0.25),)),
    )
    assert answer(backend, request(stream=True), data, "sse")[0].tokens == ()
    for other in ("tensorrtllm", "parameters"):
        refused = TritonGenerateBackend(TritonGenerateSettings(dialect=other)).refused
        assert "logprobs" in refused({"logprobs": 1})
