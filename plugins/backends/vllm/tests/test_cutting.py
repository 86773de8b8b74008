"""Where continuations are cut off: what is asked of the server for it, and what of its answers is
believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_cases import TEMPLATES, ask, backend_of, chat_of, request_of

from aisbench.api import FaultKind, HttpRequest, Message, Prompt, Response
from aisbench_plugin_vllm.chat import ChatBackend
from aisbench_plugin_vllm.completions import CompletionsBackend
from aisbench_plugin_vllm.settings import OpenAiChatSettings, OpenAiCompletionsSettings

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "wire" / "vllm-scoring.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
Send = Callable[[HttpRequest], tuple[int, bytes]]


def label(case: dict[str, Any]) -> str:
    how = "alone" if "path" in case["settings"] else case["settings"].get("scoring", "")
    return f"{case['backend']} {how} {case['template']} {case['text']} {case['continuation']}"


def is_told(case: dict[str, Any]) -> str:
    """Why a case cannot be scored; empty: it can."""
    if not case["truth"]["logprobs"] or case["text"] == "e":
        return "none is before it"
    if "path" in case["settings"] and (case["template"], case["continuation"]) in (
        ("trimming", "自由"), ("thinking", " 😀"), ("thinking", "自由"),
    ):  # fmt: skip
        return "changes the last message"
    return ""


@pytest.mark.parametrize("case", CASES, ids=label)
def test_a_real_server_and_a_forward_pass_agree(case: dict[str, Any]) -> None:
    """vLLM 0.32 and Transformers, the same weights in float32."""
    exchanges: Iterator[dict[str, Any]] = iter(case["exchanges"])

    def send(wire: HttpRequest) -> tuple[int, bytes]:
        one = next(exchanges)
        assert (wire.path, json.loads(wire.body)) == (one["path"], one["sent"])
        return one["status"], one["body"].encode()

    prompt = (
        Prompt(text=case["text"], continuation=case["continuation"])
        if case["user"] is None
        else chat_of(case["user"], case["continuation"])
    )
    request = request_of(prompt, TEMPLATES[case["template"]])
    response = ask(backend_of(case), request, send)
    assert next(exchanges, None) is None
    said = is_told(case)
    if said:
        assert response.scored is None
        assert response.fault is not None
        assert said in response.fault.message
        return
    assert response.fault is None
    assert response.scored is not None
    assert response.scored.logprobs == pytest.approx(case["truth"]["logprobs"], abs=1e-3)
    assert response.scored.greedy is case["truth"]["greedy"]


def test_the_recorded_cases_hold_what_is_hard() -> None:
    assert len(CASES) > 25
    assert sum(case["truth"]["across"] for case in CASES) >= 4
    shown = [case["exchanges"][-1]["body"] for case in CASES]
    assert sum('"decoded_token":""' in body or '"tokens":' in body for body in shown) > 20


class Server:
    """Answers by route; keeps what it was asked. Ids are code points, a token a character."""

    def __init__(self, **more: tuple[int, Any]) -> None:
        self.more = more
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, wire: HttpRequest) -> tuple[int, bytes]:
        body = json.loads(wire.body)
        name = wire.path.rpartition("/")[2]
        self.asked.append((name, body))
        if name in self.more:
            status, value = self.more[name]
            return status, value if isinstance(value, bytes) else json.dumps(value).encode()
        return 200, json.dumps(getattr(self, name)(body)).encode()

    @property
    def routes(self) -> list[str]:
        return [name for name, _ in self.asked]

    def tokenize(self, body: dict[str, Any]) -> Any:
        text = body.get("prompt")
        if text is None:
            text = "".join(f"<{one['content']}>" for one in body["messages"]) + "="
        return {"tokens": list(map(ord, text))}

    def detokenize(self, body: dict[str, Any]) -> Any:
        return {"prompt": "".join(map(chr, body["tokens"]))}

    def completions(self, body: dict[str, Any]) -> Any:
        return self.scored(body["prompt"], body)

    def scored(self, text: str, body: dict[str, Any]) -> Any:
        ids = list(map(ord, text))
        entries: list[Any] = [None]
        entries += [{str(one): {"logprob": -float(one), "rank": 2}} for one in ids[1:]]
        choice: dict[str, Any] = {"index": 0, "text": "", "finish_reason": "length"}
        if body.get("echo"):
            choice["logprobs"] = {
                "tokens": ["\ufffd"] * len(ids), "text_offset": [0] * len(ids),
                "token_logprobs": [None, *(-float(one) for one in ids[1:])],
            }  # fmt: skip
        else:
            choice["prompt_logprobs"] = entries
        if body.get("return_token_ids"):
            choice["prompt_token_ids"] = ids
        return {"choices": [choice], "usage": {"prompt_tokens": len(ids)}}


def text_of(continuation: str, context: str = "Q: ") -> Prompt:
    return Prompt(text=context, continuation=continuation)


def scored(response: Response) -> tuple[float, ...]:
    assert response.fault is None
    assert response.scored is not None
    return response.scored.logprobs


def values(text: str) -> tuple[float, ...]:
    return tuple(-float(ord(one)) for one in text)


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
def test_choices_share_what_is_asked(scoring: Any) -> None:
    server = Server()
    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring=scoring))
    for choice in ("世", "界"):
        assert scored(ask(backend, request_of(text_of(choice)), server)) == values(" " + choice)
    assert server.routes == ["tokenize", "completions", "completions"]
    assert server.asked[0][1] == {"model": "tiny", "prompt": "Q:"}
    assert server.asked[1][1]["return_token_ids"] is True


def test_a_chat_is_scored_as_the_text_that_its_template_writes() -> None:
    server = Server()
    backend = ChatBackend(OpenAiChatSettings())
    for choice in (" 世", "界 "):
        found = scored(ask(backend, request_of(chat_of("Hi", choice)), server))
        assert found == values(choice)
    assert server.routes == ["tokenize", "detokenize", "tokenize", "completions", "completions"]
    _, first = server.asked[0]
    assert first["add_generation_prompt"] is True
    assert first["messages"] == [{"role": "user", "content": "Hi"}]
    _, last = server.asked[-1]
    assert last["prompt"] == "<Hi>=界 "
    assert last["add_special_tokens"] is False


def test_a_tokenizer_that_does_not_give_its_text_back() -> None:
    class Lossy(Server):
        def detokenize(self, body: dict[str, Any]) -> Any:
            return {"prompt": "Hi"}

        def __call__(self, wire: HttpRequest) -> tuple[int, bytes]:
            if wire.path != "/v1/chat/completions":
                return super().__call__(wire)
            body = json.loads(wire.body)
            self.asked.append(("chat", body))
            answer = self.scored("<Hi>=" + body["messages"][-1]["content"], body)
            entries = answer["choices"][0].pop("prompt_logprobs")
            for entry in filter(None, entries):
                ((one, own),) = entry.items()
                own["decoded_token"] = chr(int(one))
            ids = answer["choices"][0].pop("prompt_token_ids")
            return 200, json.dumps(
                {**answer, "prompt_logprobs": entries, "prompt_token_ids": ids}
            ).encode()

    server = Lossy()
    backend = ChatBackend(OpenAiChatSettings())
    for choice in (" 世", "界"):
        assert scored(ask(backend, request_of(chat_of("Hi", choice)), server)) == values(choice)
    assert server.routes == ["tokenize", "detokenize", "tokenize", "chat", "chat"]
    assert server.asked[-1][1]["return_token_ids"] is True


def test_what_shapes_a_chat_reaches_every_question() -> None:
    server = Server()
    arguments = {"enable_thinking": False}
    request = attrs.evolve(
        request_of(chat_of("Hi", "x")),
        generation={
            "chat_template_kwargs": arguments,
            "reasoning_effort": "low",
            "temperature": 0.5,
            "adapter_id": "lora",
        },
    )
    ask(ChatBackend(OpenAiChatSettings()), request, server)
    first = server.asked[0][1]
    assert first["chat_template_kwargs"] == {"reasoning_effort": "low", **arguments}
    assert {body["model"] for _, body in server.asked} == {"lora"}
    whole = json.loads(ChatBackend(OpenAiChatSettings()).encode(request).body)
    assert whole["chat_template_kwargs"] == arguments
    assert whole["reasoning_effort"] == "low"
    assert whole["temperature"] == 0


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"detail": "Not Found"}),
        (405, b""),
        (401, b""),
        (501, b""),
        (200, b"<html></html>"),
        (200, {"choices": []}),
        # llama.cpp's route takes `content` and answers to nothing else.
        (200, {"tokens": []}),
        (200, {"tokens": ["a"]}),
    ],
)
def test_a_server_that_tells_no_ids_is_asked_once(status: int, body: Any) -> None:
    server = Server(tokenize=(status, body))
    backend = CompletionsBackend(OpenAiCompletionsSettings())
    for _ in range(2):
        response = ask(backend, request_of(text_of("x")), server)
        assert response.fault is not None
        assert "tokenize" in response.fault.message
    assert server.routes == ["tokenize", "completions", "completions"]
    assert "return_token_ids" not in server.asked[1][1]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_a_fault_of_the_attempt(status: int) -> None:
    server = Server(tokenize=(status, {"error": {"message": "busy"}}))
    backend = CompletionsBackend(OpenAiCompletionsSettings())
    response = ask(backend, request_of(text_of("x")), server)
    assert response.fault is not None
    assert (response.fault.kind, response.fault.status) == (FaultKind.HTTP, status)
    assert response.fault.message == "busy"
    server.more.clear()
    assert scored(ask(backend, request_of(text_of("x")), server)) == values(" x")


def test_a_text_that_is_refused_is_the_scoring_routes_to_explain() -> None:
    server = Server(tokenize=(400, {"error": {"message": "?"}}))
    backend = CompletionsBackend(OpenAiCompletionsSettings())
    ask(backend, request_of(text_of("x")), server)
    server.more.clear()
    assert scored(ask(backend, request_of(text_of("x", "R: ")), server)) == values(" x")


def test_nothing_is_asked_where_it_is_not_wanted() -> None:
    off = CompletionsBackend(OpenAiCompletionsSettings(tokenize=""))
    assert off.prepare(request_of(text_of("x"))) is None
    plain = Prompt(messages=(Message(role="user", content="Hi"),))
    assert ChatBackend(OpenAiChatSettings()).prepare(request_of(plain)) is None


def test_an_older_server_tells_ids_in_its_tables_alone() -> None:
    """Without ``prompt_token_ids`` the first id is not known; the rest of the context agrees."""

    class Older(Server):
        def scored(self, text: str, body: dict[str, Any]) -> Any:
            return super().scored(text, {**body, "return_token_ids": False})

    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring="prompt_logprobs"))
    assert scored(ask(backend, request_of(text_of("世")), Older())) == values(" 世")
    response = ask(backend, request_of(text_of("世", "Q")), Older())
    assert response.fault is not None  # one token before it, and its id is not told


def test_a_table_is_read_by_the_prompts_own_id() -> None:
    """Gateways sort keys."""

    class Sorting(Server):
        def scored(self, text: str, body: dict[str, Any]) -> Any:
            answer = super().scored(text, body)
            for entry in filter(None, answer["choices"][0]["prompt_logprobs"]):
                own = dict(entry)
                entry.clear()
                entry.update({"1": {"logprob": -0.5, "rank": 1}, **own})
            return answer

    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring="prompt_logprobs"))
    response = ask(backend, request_of(text_of("世")), Sorting())
    assert scored(response) == values(" 世")
    assert response.scored is not None
    assert response.scored.greedy is False


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda choice: choice["prompt_token_ids"].pop(), "the prompt has"),
        (lambda choice: choice["prompt_logprobs"].pop(), "the prompt has"),
        (lambda choice: choice["prompt_logprobs"].__setitem__(-1, None), "no log-probability"),
        (lambda choice: choice["prompt_logprobs"].__setitem__(-1, {"7": {}}), "no log-prob"),
        (lambda choice: choice.update(prompt_token_ids=[81]), "the prompt has"),
    ],
)
def test_lists_that_do_not_fit_are_no_score(change: Any, said: str) -> None:
    class Odd(Server):
        def scored(self, text: str, body: dict[str, Any]) -> Any:
            answer = super().scored(text, body)
            change(answer["choices"][0])
            return answer

    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring="prompt_logprobs"))
    response = ask(backend, request_of(text_of("世")), Odd())
    assert response.fault is not None
    assert said in response.fault.message


def test_a_logprob_that_vllm_clamps_is_one() -> None:
    """It writes -9999.0 for minus infinity, which JSON has not."""

    class Clamping(Server):
        def scored(self, text: str, body: dict[str, Any]) -> Any:
            answer = super().scored(text, body)
            answer["choices"][0]["logprobs"]["token_logprobs"][-1] = -9999.0
            return answer

    backend = CompletionsBackend(OpenAiCompletionsSettings())
    assert scored(ask(backend, request_of(text_of("x", "Q:")), Clamping())) == (-9999.0,)


def test_fragments_hide_behind_one_name_in_tables_of_texts() -> None:
    """Whether such a token is the first choice is not known, unless ranks are told."""
    logprobs = {
        "tokens": ["Q", "", "世"], "text_offset": [0, 1, 1], "token_logprobs": [None, -1.0, -2.0],
        "top_logprobs": [None, {"": -1.0}, {"世": -2.0}],
    }  # fmt: skip
    choice: dict[str, Any] = {"index": 0, "text": "", "logprobs": logprobs}
    for ranks, greedy in ((None, None), ((1, 1), True), ((1, 2), False)):
        if ranks:
            choice["prompt_token_ids"] = [5, 6, 7]
            choice["prompt_logprobs"] = [
                None,
                {"6": {"rank": ranks[0]}},
                {"7": {"rank": ranks[1]}},
            ]
        decoder = CompletionsBackend(OpenAiCompletionsSettings()).decoder(
            request_of(text_of("世", "Q"))
        )
        decoder.start(200, "application/json")
        body = {"choices": [choice], "usage": {"prompt_tokens": 3}}
        decoder.feed(json.dumps(body).encode())
        response = decoder.finish()
        assert scored(response) == (-1.0, -2.0)
        assert response.scored is not None
        assert response.scored.greedy is greedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tokens", "prompt", "choices", "x"]), inner, max_size=3)
    ),
)
REPLY = st.tuples(
    st.sampled_from([200, 200, 200, 204, 404, 400, 500]),
    st.binary(max_size=6) | JSON.map(lambda value: json.dumps(value).encode()),
)


@given(st.lists(REPLY, min_size=4, max_size=4), st.booleans())
def test_nothing_that_a_server_says_breaks_the_asking(
    replies: list[tuple[int, bytes]], chat: bool
) -> None:
    waiting = iter(replies)
    backend = backend_of({"backend": "chat" if chat else "completions", "settings": {}})
    prompt = chat_of("Hi", "x") if chat else text_of("x")
    response = ask(backend, request_of(prompt), lambda wire: next(waiting))
    assert response.fault is not None
    assert response.scored is None


class Pairs(Server):
    """One token, ESC, for the letters "bc"; a chat's template is one of texts."""

    def tokenize(self, body: dict[str, Any]) -> Any:
        found = super().tokenize(body)
        text = "".join(map(chr, found["tokens"])).replace("bc", "\x1b")
        return {"tokens": list(map(ord, text))}

    def completions(self, body: dict[str, Any]) -> Any:
        return self.scored("".join(map(chr, body["prompt"])), body)

    def sent(self) -> list[str]:
        return ["".join(map(chr, body["prompt"])) for name, body in self.asked if name[0] == "c"]


DIVIDED = [
    # the prompt, what is sent, how much of its end is scored
    (Prompt(text="ab", continuation="cd", border="counted"), "abd", 1),
    (Prompt(text="ab ", continuation="cd", border="counted"), "ab cd", 3),
    (Prompt(text="ab", continuation="cd", border="apart"), "abcd", 2),
    (Prompt(text="a", continuation="ab", border="apart"), "ab", 1),
    (Prompt(text="a", continuation="ab", border="apart", rolling=True), "aab", 2),
    (Prompt(text="", continuation="xyz", border="apart"), "xyz", 2),
    (Prompt(text="uvwxyz ", continuation="ab", border="counted", length=6), "yz ab", 3),
    (Prompt(text="ab", continuation="cd", length=9), "a\x1bd", 2),
]


@pytest.mark.parametrize("scoring", ["echo", "prompt_logprobs"])
@pytest.mark.parametrize(("prompt", "sent", "count"), DIVIDED)
def test_ids_are_sent_where_the_border_is_between_tokens(
    prompt: Prompt, sent: str, count: int, scoring: Any
) -> None:
    server = Pairs()
    backend = CompletionsBackend(OpenAiCompletionsSettings(scoring=scoring))
    assert scored(ask(backend, request_of(prompt), server)) == values(sent[-count:])
    assert server.sent() == [sent]


def test_a_long_text_is_scored_in_windows() -> None:
    server = Pairs()
    backend = CompletionsBackend(OpenAiCompletionsSettings())
    prompt = Prompt(text="#", continuation="abdefghi", border="apart", rolling=True, length=5)
    response = ask(backend, request_of(prompt), server)
    assert scored(response) == values("abdefghi")
    assert server.sent() == ["#abd", "defg", "fghi"]
    assert response.scored is not None
    assert response.scored.windows == 3
    server = Pairs(completions=(500, {"error": {"message": "busy"}}))
    fault = ask(backend, request_of(prompt), server).fault
    assert fault is not None
    assert (fault.kind, fault.message) == (FaultKind.HTTP, "busy")


def test_a_chat_is_divided_as_the_text_that_it_is() -> None:
    server = Pairs()
    backend = ChatBackend(OpenAiChatSettings())
    chat = attrs.evolve(chat_of("Hi", "xy"), border="counted", length=8)
    assert scored(ask(backend, request_of(chat), server)) == values("xy")
    assert server.sent() == ["<Hi>=xy"]


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        (Prompt(text="ab", continuation="c", border="counted"), "adds no token"),
        (Prompt(text="ab", continuation="defgh", border="apart", length=5), "alone has 5 tokens"),
    ],
)
def test_what_cannot_be_divided(prompt: Prompt, message: str) -> None:
    backend = CompletionsBackend(OpenAiCompletionsSettings())
    fault = ask(backend, request_of(prompt), Pairs()).fault
    assert fault is not None
    assert message in fault.message


def test_without_ids_a_text_is_not_cut() -> None:
    backend = CompletionsBackend(OpenAiCompletionsSettings(tokenize=""))
    with pytest.raises(ValueError, match="tells no ids"):
        backend.encode(request_of(Prompt(text="a", continuation="b", length=9)))
