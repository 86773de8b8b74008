"""The conformance kit, with answers in the form of MindIE's documentation."""

from __future__ import annotations

from aisbench.api import Prompt, Request
from aisbench_testkit.conformance import BackendConformance, PackagingConformance, Recorded

SSE = "text/event-stream"


def request(stream: bool, ids: bool = False) -> Request:
    prompt = Prompt(tokens=(1, 2)) if ids else Prompt(text="Hello")
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=prompt,
        generation={}, stream=stream, seed=None,
    )  # fmt: skip


WHOLE = (
    b'{"generated_text":"am a Fr\xc3\xa4nch","details":{"finish_reason":"length",'
    b'"generated_tokens":3,"seed":846930886}}'
)
STREAM = (
    b'data: {"prefill_time":45.54,"decode_time":null,"token":{"id":[626],"text":"am"}}\n\n'
    b'data: {"prefill_time":null,"decode_time":128.32,"token":{"id":[263],"text":" a"}}\n\n'
    b'data: {"prefill_time":null,"decode_time":18.17,"generated_text":"am a Fr\xc3\xa4nch",'
    b'"details":{"finish_reason":"length","generated_tokens":3,"seed":846930886},'
    b'"token":{"id":[5176],"text":" Fr\xc3\xa4nch"}}\n\n'
)
TEXT = "am a Fränch"
MODELS = {b'{"object":"list","data":[{"id":"llama","object":"model"}]}': ("llama",)}


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-mindie"


class TestInfer(BackendConformance):
    offer = "mindie-infer"
    recorded = (
        Recorded(request=request(stream=False), body=WHOLE, text=TEXT),
        Recorded(request=request(stream=True), content_type=SSE, body=STREAM, text=TEXT),
    )


class TestToken(BackendConformance):
    offer = "mindie-token"
    recorded = (
        Recorded(request=request(stream=False, ids=True), body=WHOLE, text=TEXT),
        Recorded(request=request(stream=True, ids=True), content_type=SSE, body=STREAM, text=TEXT),
    )


class TestGenerate(BackendConformance):
    offer = "mindie-generate"
    recorded = (
        Recorded(request=request(stream=False), body=WHOLE, text=TEXT),
        Recorded(
            request=request(stream=True),
            content_type=SSE,
            body=b'data: {"token":{"id":626,"text":"am a","logprob":null,"special":null},'
            b'"generated_text":null,"details":null}\n\n'
            b'data: {"token":{"id":5176,"text":" Fr\xc3\xa4nch","logprob":null,"special":null},'
            b'"generated_text":"am a Fr\xc3\xa4nch","details":{"finish_reason":"length",'
            b'"generated_tokens":2,"seed":1}}\n\n',
            text=TEXT,
        ),
    )


class TestTriton(BackendConformance):
    offer = "mindie-triton"
    models = MODELS
    recorded = (
        Recorded(
            request=request(stream=False),
            body=b'{"id":"a123","model_name":"llama","model_version":null,"text_output":'
            b'"am a Fr\xc3\xa4nch","details":{"finish_reason":"eos_token","generated_tokens":3,'
            b'"first_token_cost":null,"decode_cost":null}}',
            text=TEXT,
        ),
        Recorded(
            request=request(stream=True),
            content_type=SSE,
            body=b'data: {"id":"a123","model_name":"llama","model_version":null,"text_output":'
            b'"am a","details":{"generated_tokens":1,"first_token_cost":null}}\n\n'
            b'data: {"id":"a123","model_name":"llama","model_version":null,"text_output":'
            b'" Fr\xc3\xa4nch","details":{"finish_reason":"length","generated_tokens":2}}\n\n',
            text=TEXT,
        ),
    )
