"""The forms of the protocols besides OpenAI's, over real HTTP."""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from aisbench_plugin_simulator.server import Served, run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.tokens import count_tokens

PROMPT = "How many are left?"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with run_in_thread(SimulatorSettings(model=("llama",), seed=5)) as one:
        yield one


def post(served: Served, path: str, body: Any) -> tuple[int, str, bytes]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(served.url + path, data=data)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers["Content-Type"], reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], error.read()


def get(served: Served, path: str) -> Any:
    with urllib.request.urlopen(served.url + path, timeout=10) as reply:
        body = reply.read()
    return json.loads(body) if body else None


def events(body: bytes) -> list[dict[str, Any]]:
    found = []
    for block in body.decode().split("\n\n"):
        data = [line[5:] for line in block.splitlines() if line.startswith("data:")]
        if data:
            found.append(json.loads(data[0]))
    return found


class TestTgi:
    body = {  # noqa: RUF012
        "inputs": PROMPT,
        "parameters": {"max_new_tokens": 6, "details": True, "decoder_input_details": True},
    }

    def test_whole(self, served: Served) -> None:
        status, kind, body = post(served, "/generate", self.body)
        answer = json.loads(body)
        assert (status, kind) == (200, "application/json")
        assert count_tokens(answer["generated_text"]) == 6
        details = answer["details"]
        assert details["finish_reason"] == "length"
        assert details["generated_tokens"] == 6
        assert "".join(one["text"] for one in details["prefill"]) == PROMPT
        assert details["prefill"][0]["logprob"] is None
        assert all(one["logprob"] < 0 for one in details["prefill"][1:])

    def test_without_details(self, served: Served) -> None:
        _, _, body = post(served, "/generate", {"inputs": PROMPT})
        assert list(json.loads(body)) == ["generated_text"]

    def test_stream(self, served: Served) -> None:
        _, kind, body = post(served, "/generate_stream", self.body)
        assert kind.startswith("text/event-stream")
        assert body.startswith(b"data:{")
        found = events(body)
        assert [one["index"] for one in found] == list(range(1, 7))
        text = "".join(one["token"]["text"] for one in found if not one["token"]["special"])
        assert found[-1]["generated_text"] == text
        assert found[-1]["details"]["input_length"] == count_tokens(PROMPT)
        assert all(one["details"] is None for one in found[:-1])

    def test_the_end_token_is_special_and_stop_strings_stay(self, served: Served) -> None:
        free = {"inputs": PROMPT, "parameters": {"max_new_tokens": 500, "details": True}}
        found = events(post(served, "/generate_stream", free)[2])
        last = found[-1]["token"]
        assert last.pop("logprob") < 0
        assert last == {"id": found[-1]["index"], "text": "</s>", "special": True}
        assert found[-1]["details"]["finish_reason"] == "eos_token"
        stop = " "
        free["parameters"] = {**free["parameters"], "stop": [stop]}  # type: ignore[dict-item]
        answer = json.loads(post(served, "/generate", free)[2])
        assert answer["generated_text"].endswith(stop)
        assert answer["details"]["finish_reason"] == "stop_sequence"

    @pytest.mark.parametrize(
        ("parameters", "said"),
        [
            ({"temperature": 0}, "strictly positive"),
            ({"top_p": 1.0}, "top_p"),
            ({"max_new_tokens": 0}, "max_new_tokens"),
            ({"max_new_tokens": 10**6}, "must be <= 32768"),
        ],
    )
    def test_its_validation(self, served: Served, parameters: Any, said: str) -> None:
        status, _, body = post(served, "/generate", {"inputs": PROMPT, "parameters": parameters})
        assert status == 422
        assert json.loads(body)["error_type"] == "validation"
        assert said in json.loads(body)["error"]

    def test_info(self, served: Served) -> None:
        assert get(served, "/info")["model_id"] == "llama"


class TestTriton:
    def test_whole(self, served: Served) -> None:
        path = "/v2/models/llama/generate"
        _, _, body = post(served, path, {"id": "42", "text_input": PROMPT, "max_tokens": 5})
        answer = json.loads(body)
        assert count_tokens(answer.pop("text_output")) == 5
        assert answer == {"id": "42", "model_name": "llama", "model_version": "1"}

    def test_stream_of_deltas_without_an_end(self, served: Served) -> None:
        asked = {"text_input": PROMPT, "max_tokens": 5, "stream": True}
        _, kind, body = post(served, "/v2/models/llama/versions/1/generate_stream", asked)
        assert kind.startswith("text/event-stream")
        found = events(body)
        assert len(found) == 5
        whole = json.loads(post(served, "/v2/models/llama/generate", asked)[2])
        assert all(set(one) == {"model_name", "model_version", "text_output"} for one in found)
        assert count_tokens("".join(one["text_output"] for one in found)) == 5
        assert whole["model_name"] == "llama"

    def test_vllms_backend(self, served: Served) -> None:
        asked = {
            "text_input": PROMPT, "sampling_parameters": '{"max_tokens": 4}', "stream": True,
            "return_finish_reason": True, "return_num_output_tokens": True,
            "return_num_input_tokens": True,
        }  # fmt: skip
        found = events(post(served, "/v2/models/llama/generate_stream", asked)[2])
        assert sum(one["num_output_tokens"] for one in found) == 4
        assert [one["finish_reason"] for one in found] == ["null"] * 3 + ["length"]
        assert found[0]["num_input_tokens"] == count_tokens(PROMPT)

    def test_tensors(self, served: Served) -> None:
        inputs = [
            {"name": "text_input", "shape": [1, 1], "datatype": "BYTES", "data": [PROMPT]},
            {"name": "max_tokens", "shape": [1, 1], "datatype": "INT32", "data": [3]},
        ]
        _, _, body = post(served, "/v2/models/llama/infer", {"id": "r", "inputs": inputs})
        answer = json.loads(body)
        (tensor,) = answer["outputs"]
        assert tensor["shape"] == [1, 1]
        assert count_tokens(tensor["data"][0]) == 3

    def test_other_models_and_versions(self, served: Served) -> None:
        for path in ("/v2/models/nosuch/generate", "/v2/models/llama/versions/2/infer"):
            status, _, body = post(served, path, {"text_input": "x"})
            assert status == 404
            assert "Request for unknown model" in json.loads(body)["error"]

    def test_around_it(self, served: Served) -> None:
        assert get(served, "/v2")["name"] == "triton"
        assert get(served, "/v2/health/ready") is None
        assert get(served, "/v2/models/llama")["inputs"][0]["name"] == "text_input"
        _, _, body = post(served, "/v2/repository/index", {})
        assert json.loads(body) == [{"name": "llama", "version": "1", "state": "READY"}]


class TestMindie:
    def test_whole_and_stream(self, served: Served) -> None:
        asked = {"inputs": PROMPT, "parameters": {"max_new_tokens": 4, "details": True}}
        answer = json.loads(post(served, "/infer", asked)[2])
        assert answer["details"]["generated_tokens"] == 4
        found = events(post(served, "/infer", {**asked, "stream": True})[2])
        assert found[0]["prefill_time"] is not None
        assert found[0]["decode_time"] is None
        assert found[1]["prefill_time"] is None
        text = "".join(one["token"]["text"] or "" for one in found)
        assert found[-1]["generated_text"] == text
        assert sum(len(one["token"]["id"]) for one in found) == 4

    def test_token_ids(self, served: Served) -> None:
        asked = {"input_id": [5618, 13], "parameters": {"max_new_tokens": 4}}
        status, _, body = post(served, "/infer_token", asked)
        assert status == 200
        assert list(json.loads(body)) == ["generated_text"]
        status, _, body = post(served, "/infer_token", {"input_id": ["x"]})
        assert status == 422
        assert json.loads(body)["error_type"] == "Input Validation Error"


class TestOldVllm:
    def test_the_text_with_its_prompt(self, served: Served) -> None:
        asked = {"prompt": PROMPT, "max_tokens": 4}
        (text,) = json.loads(post(served, "/generate", asked)[2])["text"]
        assert text.startswith(PROMPT)
        _, kind, body = post(served, "/generate", {**asked, "stream": True})
        assert kind.startswith("text/plain")
        texts = [json.loads(line)["text"][0] for line in body.splitlines()]
        assert len(texts) == 4
        assert all(b.startswith(a) for a, b in itertools.pairwise(texts))


class TestResponses:
    def test_whole_and_stream(self, served: Served) -> None:
        asked = {"model": "llama", "input": PROMPT, "max_output_tokens": 4}
        answer = json.loads(post(served, "/v1/responses", asked)[2])
        assert answer["status"] == "incomplete"
        assert answer["usage"]["output_tokens"] == 4
        body = post(served, "/v1/responses", {**asked, "stream": True})[2]
        assert body.startswith(b"event: response.created\ndata: ")
        found = events(body)
        deltas = [one["delta"] for one in found if one["type"] == "response.output_text.delta"]
        (message,) = found[-1]["response"]["output"]
        assert message["content"][0]["text"] == "".join(deltas)
        assert found[-1]["type"] == "response.incomplete"


@pytest.mark.parametrize("path", ["/generate", "/infer", "/v2/models/llama/generate"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}", b'{"inputs": "", "prompt": ""}'])
def test_what_is_no_request(served: Served, path: str, body: bytes) -> None:
    status, _, answer = post(served, path, body)
    assert status in (400, 422)
    assert "error" in json.loads(answer)
