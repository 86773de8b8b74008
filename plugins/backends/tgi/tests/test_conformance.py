"""The conformance kit, with answers in the form of TGI's documentation."""

from __future__ import annotations

from aisbench.api import Prompt, Request
from aisbench_testkit.conformance import BackendConformance, PackagingConformance, Recorded


def request(stream: bool) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=Prompt(text="Hello"),
        generation={}, stream=stream, seed=None,
    )  # fmt: skip


MODELS = {b'{"model_id":"bigscience/bloom","max_total_tokens":2048}': ("bigscience/bloom",)}


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-tgi"


class TestGenerate(BackendConformance):
    offer = "tgi-generate"
    models = MODELS
    recorded = (
        Recorded(
            request=request(stream=False),
            body=b'{"generated_text":"Gr\xc3\xbc\xc3\x9fe","details":{"finish_reason":"length",'
            b'"generated_tokens":2,"seed":null,"prefill":[{"id":1,"text":"Hello"}],"tokens":[]}}',
            text="Grüße",
        ),
        Recorded(
            request=request(stream=True),
            content_type="text/event-stream",
            body=b'data:{"index":1,"token":{"id":7,"text":"Gr\xc3\xbc","logprob":-0.5,'
            b'"special":false},"generated_text":null,"details":null}\n\n'
            b'data:{"index":2,"token":{"id":8,"text":"\xc3\x9fe","logprob":-0.5,"special":false},'
            b'"generated_text":null,"details":null}\n\n'
            b'data:{"index":3,"token":{"id":2,"text":"</s>","logprob":-0.1,"special":true},'
            b'"generated_text":"Gr\xc3\xbc\xc3\x9fe","details":{"finish_reason":"eos_token",'
            b'"generated_tokens":3,"input_length":2,"seed":null}}\n\n',
            text="Grüße",
        ),
        Recorded(
            request=request(stream=True),
            content_type="text/event-stream",
            body=b'data:{"index":1,"token":{"id":7,"text":"Gr","logprob":-0.5,"special":false},'
            b'"generated_text":null,"details":null}\n\n'
            b'data:{"error":"Request failed during generation","error_type":"generation"}\n\n',
            name="an error in the middle of a stream",
        ),
        Recorded(
            request=request(stream=True),
            status=429,
            body=b'{"error":"Model is overloaded","error_type":"overloaded"}',
        ),
    )
