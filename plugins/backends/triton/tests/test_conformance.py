"""The conformance kit, with answers as Triton 2.51 sent them (its Python backend, a plain and a
decoupled model)."""

from __future__ import annotations

from aisbench.api import JsonObject, Prompt, Request
from aisbench_testkit.conformance import BackendConformance, PackagingConformance, Recorded

SSE = "text/event-stream; charset=utf-8"
MODELS = {
    b'[{"name":"echo","version":"1","state":"READY"},{"name":"llm","version":"1","state":"READY"},'
    b'{"name":"llm","version":"2","state":"READY"},{"name":"old","version":"1","state":'
    b'"UNAVAILABLE","reason":"unloaded"}]': ("echo", "llm"),
    b"[]": (),
}
VLLM = {"dialect": "vllm"}
PARAMETERS = {"dialect": "parameters"}
NO_LISTS: JsonObject = {"temperature": 0.25, "max_tokens": 17, "top_p": 0.75}


def request(stream: bool, **prompt: object) -> Request:
    return Request(
        key="42", sample_id="1", repeat=0, turn=0, model="llm",
        prompt=Prompt(text="Hello", **prompt),  # type: ignore[arg-type]
        generation={}, stream=stream, seed=None,
    )  # fmt: skip


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-triton"


class TestGenerate(BackendConformance):
    offer = "triton-generate"
    models = MODELS
    recorded = (
        Recorded(
            request=request(stream=False),
            body=b'{"id":"42","index":0,"model_name":"llm","model_version":"1","text_output":'
            b'"tok0 tok1 tok2 tok3 tok4 "}',
            text="tok0 tok1 tok2 tok3 tok4 ",
            usage=False,
        ),
        Recorded(
            request=request(stream=True),
            content_type=SSE,
            body=b'data: {"index":0,"model_name":"llm","model_version":"1","text_output":"tok0 "}'
            b'\n\ndata: {"index":1,"model_name":"llm","model_version":"1","text_output":'
            b'"h\xc3\xa9llo "}\n\ndata: {"index":2,"model_name":"llm","model_version":"1",'
            b'"text_output":"tok2 "}\n\n',
            text="tok0 héllo tok2 ",
            usage=False,
            marks_its_end=False,
        ),
        Recorded(
            request=request(stream=True),
            content_type=SSE,
            body=b'data: {"index":0,"model_name":"llm","model_version":"1","text_output":"tok0 "}'
            b'\n\ndata: {"error":"engine died mid-stream"}\n\n',
            marks_its_end=False,
            name="an error in the middle of a stream",
        ),
        Recorded(
            request=request(stream=True),
            status=400,
            content_type=SSE,
            body=b'data: {"error":"model refused the prompt"}\n\n',
        ),
        Recorded(
            request=request(stream=False),
            body=b'{"error":"generate expects model to produce exactly 1 response, use generate '
            b'stream for model that generates various number of responses"}',
        ),
    )


class TestGenerateVllm(TestGenerate):
    settings = VLLM
    recorded = ()


class TestGenerateParameters(TestGenerate):
    settings = PARAMETERS
    generation = NO_LISTS
    recorded = ()


class TestInfer(BackendConformance):
    offer = "triton-infer"
    models = MODELS
    recorded = (
        Recorded(
            request=request(stream=False),
            body=b'{"id":"req-1","model_name":"echo","model_version":"1","outputs":[{"name":'
            b'"text_output","datatype":"BYTES","shape":[1,1],"data":["tok0 tok1 tok2"]}]}',
            text="tok0 tok1 tok2",
        ),
        Recorded(
            request=request(stream=False),
            status=501,
            content_type="text/plain",
            body=b'{"error":"HTTP end point doesn\'t support models with decoupled transaction '
            b'policy"}',
        ),
    )
