"""What is sent to Text Generation Inference, and what is made of its answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aisbench.api import FaultKind, FinishReason, Prompt, Request, Response, TokenLogprob
from aisbench.codec import Reply
from aisbench_plugin_tgi.backend import TgiBackend
from aisbench_plugin_tgi.settings import TgiSettings


def request(stream: bool = False, prompt: Prompt | None = None, **generation: Any) -> Request:
    return Request(
        key="key", sample_id="1", repeat=0, turn=0, model="m", seed=7, stream=stream,
        prompt=prompt or Prompt(text="Q: 1+1?", stop=("Q:",)), generation=generation,
    )  # fmt: skip


def sent(asked: Request, **settings: Any) -> tuple[str, dict[str, Any]]:
    wire = TgiBackend(TgiSettings(**settings)).encode(asked)
    return wire.path, json.loads(wire.body)


def answer(asked: Request, body: bytes, kind: str = "application/json") -> tuple[Response, int]:
    decoder = TgiBackend(TgiSettings()).decoder(asked)
    decoder.start(200, kind)
    tokens = decoder.feed(body)
    return decoder.finish(), tokens


def test_a_whole_answer_is_asked_for() -> None:
    path, body = sent(request(max_tokens=9, temperature=0.5, top_k=4, stop="\n\n"))
    assert path == "/generate"
    assert body == {
        "inputs": "Q: 1+1?",
        "parameters": {
            "details": True, "return_full_text": False, "decoder_input_details": True,
            "max_new_tokens": 9, "temperature": 0.5, "do_sample": True, "top_k": 4,
            "stop": ["\n\n", "Q:"], "seed": 7,
        },
    }  # fmt: skip


def test_a_stream_is_asked_for() -> None:
    path, body = sent(request(stream=True, max_new_tokens=9), send_seed=False)
    assert path == "/generate_stream"
    assert body["parameters"] == {
        "details": True, "return_full_text": False, "max_new_tokens": 9, "stop": ["Q:"],
    }  # fmt: skip


def test_values_that_its_validation_refuses_are_said_otherwise() -> None:
    _, body = sent(request(temperature=0.0, top_p=1.0))
    assert body["parameters"]["do_sample"] is False
    assert "temperature" not in body["parameters"]
    assert "top_p" not in body["parameters"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ignore_eos", "no such setting"),
        ("presence_penalty", "does not know it; it knows adapter_id"),
        ("details", "always asked for"),
        ("best_of", "set `repeats`"),
        ("stop", "a list of strings"),
    ],
)
def test_what_is_refused(name: str, said: str) -> None:
    assert said in TgiBackend(TgiSettings()).refused({name: 3})[name]


def test_counts_reason_and_stop_string() -> None:
    body = json.dumps(
        {
            "generated_text": " 2\nQ:",
            "details": {
                "finish_reason": "stop_sequence",
                "generated_tokens": 4,
                "prefill": [{"id": 1, "text": "Q"}, {"id": 2, "text": ": 1+1?"}],
            },
        }
    ).encode()
    response, tokens = answer(request(), body)
    assert response.text == " 2\n"
    assert response.finish_reason is FinishReason.STOP
    assert response.usage.completion_tokens == 4
    assert response.usage.prompt_tokens == 2
    assert tokens == 0  # when they were made cannot be seen


def test_special_tokens_are_not_text_and_no_events() -> None:
    events = [
        {"index": 1, "token": {"id": 5, "text": " 2", "special": False}, "generated_text": None},
        {
            "index": 2,
            "token": {"id": 2, "text": "</s>", "special": True},
            "generated_text": " 2",
            "details": {"finish_reason": "eos_token", "generated_tokens": 2, "input_length": 6},
        },
    ]
    body = b"".join(b"data:" + json.dumps(one).encode() + b"\n\n" for one in events)
    response, tokens = answer(request(stream=True), body, "text/event-stream")
    assert response.text == " 2"
    assert tokens == 1
    assert response.usage.completion_tokens == 2
    assert response.usage.prompt_tokens == 6


def test_a_cut_stream_keeps_what_came() -> None:
    body = (
        b'data:{"index":1,"token":{"id":5,"text":" 2","special":false},"generated_text":null}\n\n'
    )
    response, _ = answer(request(stream=True), body, "text/event-stream")
    assert response.text == " 2"
    assert response.fault is not None
    assert response.fault.kind is FaultKind.CUT


def test_a_continuation_is_scored_by_the_prefill() -> None:
    asked = request(prompt=Prompt(text="The sky is ", continuation="blue."))
    path, body = sent(asked)
    assert path == "/generate"
    assert body["inputs"] == "The sky is blue."
    assert body["parameters"]["decoder_input_details"] is True
    assert body["parameters"]["max_new_tokens"] == 1
    tokens = [("The", None), (" sky", -1.0), (" is", -0.5), (" blue", -0.25), (".", -0.125)]
    prefill = [{"id": i, "text": text, "logprob": value} for i, (text, value) in enumerate(tokens)]
    reply = {"generated_text": "x", "details": {"finish_reason": "length", "prefill": prefill}}
    response, _ = answer(asked, json.dumps(reply).encode())
    assert response.fault is None
    assert response.scored is not None
    assert response.scored.logprobs == (-0.25, -0.125)
    assert response.scored.tokens == (" blue", ".")
    assert response.text == ""


def test_a_server_without_prefill_cannot_score() -> None:
    asked = request(prompt=Prompt(text="The sky is", continuation=" blue."))
    response, _ = answer(asked, b'{"generated_text":"x","details":{"finish_reason":"length"}}')
    assert response.fault is not None
    assert "decoder_input_details" in response.fault.message


@pytest.mark.parametrize("told", [True, False])
def test_where_characters_span_tokens_ids_tell_the_first_one(told: bool) -> None:
    """The context's ids are asked for once; a server without them is believed nothing."""
    backend = TgiBackend(TgiSettings())
    questions = []
    prefill = [
        {"id": 5, "text": "Q:", "logprob": None},
        {"id": 6, "text": " \ufffd", "logprob": -1.0},
        {"id": 7, "text": "\ufffd", "logprob": -2.0},
    ]
    reply = {"generated_text": "x", "details": {"finish_reason": "length", "prefill": prefill}}
    for text in ("Q: ", "Q: "):
        asked = request(prompt=Prompt(text=text, continuation="世"))
        steps = backend.prepare(asked)
        assert steps is not None
        try:
            questions.append(next(steps))
            pieces = [{"id": 5, "text": "Q:", "start": 0, "stop": 2}]
            steps.send(
                Reply(status=200, body=json.dumps(pieces).encode())
                if told
                else Reply(status=404, body=b'{"error":"No fast tokenizer available"}')
            )
        except StopIteration as end:
            ready = end.value
        decoder = ready.decoder()
        decoder.start(200, "application/json")
        decoder.feed(json.dumps(reply).encode())
        response = decoder.finish()
        if told:
            assert response.scored is not None
            assert response.scored.logprobs == (-1.0, -2.0)
        else:
            assert response.fault is not None
            assert "/tokenize" in response.fault.message
    (question,) = questions
    assert question.path == "/tokenize"
    assert json.loads(question.body) == {"inputs": "Q:"}


def test_a_busy_tokenizer_is_a_fault_of_the_attempt() -> None:
    backend = TgiBackend(TgiSettings())
    steps = backend.prepare(request(prompt=Prompt(text="Q:", continuation=" x")))
    assert steps is not None
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(Reply(status=429, body=b'{"error":"Model is overloaded"}'))
    assert end.value.value.status == 429
    assert backend.prepare(request(prompt=Prompt(text="", continuation="x y"))) is None


TOLD = {"id": 5, "text": "2", "logprob": -0.5, "special": False}
LIKELY = [{"id": 6, "text": "3", "logprob": -0.75}, TOLD]
END = {"id": 0, "text": "</s>", "logprob": -0.1, "special": True}


@pytest.mark.parametrize(("count", "top"), [(0, ()), (2, (("2", -0.5), ("3", -0.75)))])
def test_log_probabilities_of_tokens(count: int, top: tuple[tuple[str, float], ...]) -> None:
    asked = {"logprobs": count, "max_tokens": 9}
    parameters = sent(request(**asked))[1]["parameters"]
    assert parameters.get("top_n_tokens", 0) == count
    assert "logprobs" not in parameters
    details = {"finish_reason": "eos_token", "tokens": [TOLD, END], "top_tokens": [LIKELY, []]}
    whole = {"generated_text": "2", "details": details}
    one = {"token": TOLD, "top_tokens": LIKELY, "generated_text": None}
    last = {"token": END, "generated_text": "2", "details": {"finish_reason": "eos_token"}}
    streamed = b"".join(b"data:" + json.dumps(event).encode() + b"\n\n" for event in (one, last))
    for body, stream in ((json.dumps(whole).encode(), False), (streamed, True)):
        kind = "text/event-stream" if stream else "application/json"
        response, _ = answer(request(stream=stream, **asked), body, kind)
        assert response.tokens == (TokenLogprob("2", -0.5, top),)
        assert answer(request(stream=stream), body, kind)[0].tokens == ()
