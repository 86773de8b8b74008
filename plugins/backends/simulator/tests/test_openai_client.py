"""The simulator as the official ``openai`` package sees it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from aisbench_plugin_simulator.config import change
from aisbench_plugin_simulator.server import run_in_thread
from aisbench_plugin_simulator.settings import SimulatorSettings

openai = pytest.importorskip("openai", reason="the official client is not installed")
pydantic = pytest.importorskip("pydantic")

HELLO: Any = [{"role": "user", "content": "Hello there"}]
WEATHER = {
    "name": "weather",
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string", "enum": ["Bern", "Rome"]},
            "days": {"type": "integer", "minimum": 1, "maximum": 3},
        },
        "required": ["city", "days"],
        "additionalProperties": False,
    },
}
CLOCK = {
    "name": "clock",
    "parameters": {
        "type": "object",
        "properties": {"zone": {"$ref": "#/$defs/zone"}},
        "required": ["zone"],
        "$defs": {"zone": {"type": "string", "pattern": "^UTC[+-][01][0-9]$"}},
    },
}
TOOLS: Any = [{"type": "function", "function": one} for one in (WEATHER, CLOCK)]
FLAT_TOOLS: Any = [{"type": "function", "strict": True, **one} for one in (WEATHER, CLOCK)]


class Part(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    size: int = pydantic.Field(ge=3, le=5)
    kind: Literal["bolt", "nut"]
    inner: Part | None


class Assembly(pydantic.BaseModel):  # type: ignore[misc, name-defined]
    answer: str
    parts: list[Part] = pydantic.Field(min_length=1, max_length=3)


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    values = {
        "model": ["tiny", "org/large"],
        "reasoning": "field",
        "reasoning_tokens": "3",
        "output_tokens": "6",
        "tool_calls": "2",
    }
    with (
        run_in_thread(change(SimulatorSettings(), values)) as served,
        openai.OpenAI(base_url=f"{served.url}/v1", api_key="any", max_retries=0) as made,
    ):
        yield made


def test_models(client: Any) -> None:
    assert [one.id for one in client.models.list()] == ["tiny", "org/large"]
    assert client.models.retrieve("org/large").id == "org/large"
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.models.retrieve("huge")


def test_several_choices(client: Any) -> None:
    asked = {"model": "tiny", "messages": HELLO, "n": 3, "logprobs": True, "top_logprobs": 2}
    whole = client.chat.completions.create(**asked)
    texts = [choice.message.content for choice in whole.choices]
    assert len(set(texts)) == 3
    assert whole.usage.completion_tokens == 3 * (3 + 6)
    for choice in whole.choices:
        told = choice.logprobs.content
        assert "".join(one.token for one in told).endswith(choice.message.content)
        assert all(len(one.top_logprobs) == 2 and one.logprob < 0 for one in told)
    streamed = [""] * 3
    told_tokens: Counter[int] = Counter()
    ends = Counter[str]()
    usage: Any = None
    options = {"include_usage": True}
    for event in client.chat.completions.create(**asked, stream=True, stream_options=options):
        usage = event.usage or usage
        for choice in event.choices:
            streamed[choice.index] += choice.delta.content or ""
            told_tokens[choice.index] += len(choice.logprobs.content) if choice.logprobs else 0
            ends[choice.finish_reason] += 1
    assert ends["stop"] == 3
    assert set(told_tokens.values()) == {9}
    assert usage.completion_tokens == 27
    # The seed decides, not whether the answer is streamed; the hash of the body differs.
    assert len(set(streamed)) == 3
    with pytest.raises(openai.BadRequestError, match="greedy"):
        client.chat.completions.create(model="tiny", messages=HELLO, n=2, temperature=0)


def test_lists_of_prompts_echo_and_log_probabilities(client: Any) -> None:
    prompts = ["One two", "Three four five"]
    asked = {"model": "tiny", "prompt": prompts, "n": 2, "max_tokens": 3, "echo": True}
    whole = client.completions.create(**asked, logprobs=1)
    assert [choice.index for choice in whole.choices] == [0, 1, 2, 3]
    assert whole.usage.prompt_tokens == 2 + 3
    assert whole.usage.completion_tokens == 4 * 3
    for choice in whole.choices:
        prompt, told = prompts[choice.index // 2], choice.logprobs
        assert choice.text.startswith(prompt)
        assert "".join(told.tokens) == choice.text
        assert [choice.text[at:][: len(one)] for at, one in zip(
            told.text_offset, told.tokens, strict=True
        )] == told.tokens  # fmt: skip
        assert told.token_logprobs[0] is None
        assert all(value < 0 for value in told.token_logprobs[1:])
    streamed = [""] * 4
    tokens: list[list[str]] = [[], [], [], []]
    for event in client.completions.create(**asked, logprobs=1, stream=True):
        for choice in event.choices:
            streamed[choice.index] += choice.text
            tokens[choice.index] += choice.logprobs.tokens if choice.logprobs else []
    for at, text in enumerate(streamed):
        assert text.startswith(prompts[at // 2])
        assert "".join(tokens[at]) == text
    ids = client.completions.create(
        model="tiny", prompt=[[353, 73826], [355]], max_tokens=2,
        extra_body={"return_token_ids": True},
    )  # fmt: skip
    assert [choice.prompt_token_ids for choice in ids.choices] == [[353, 73826], [355]]
    assert all(len(choice.token_ids) == 2 for choice in ids.choices)


def test_answers_of_a_schema(client: Any) -> None:
    chat = client.chat.completions.parse(model="tiny", messages=HELLO, response_format=Assembly)
    assert isinstance(chat.choices[0].message.parsed, Assembly)
    said = client.responses.parse(model="tiny", input="Hello", text_format=Assembly)
    assert isinstance(said.output_parsed, Assembly)
    with client.responses.stream(model="tiny", input="Hi", text_format=Assembly) as stream:
        stream.until_done()
        assert isinstance(stream.get_final_response().output_parsed, Assembly)
    plain = client.chat.completions.create(
        model="tiny", messages=HELLO, response_format={"type": "json_object"}
    )
    assert isinstance(json.loads(plain.choices[0].message.content), dict)
    # What is longer than it would be stays JSON.
    long = client.chat.completions.create(
        model="tiny", messages=HELLO, response_format={"type": "json_object"}, max_tokens=90,
        extra_body={"min_tokens": 80},
    )  # fmt: skip
    assert long.usage.completion_tokens == 80
    json.loads(long.choices[0].message.content)
    for form, said in (
        ({"type": "json_schema"}, "json_schema"),
        ({"type": "xml"}, "must be one of"),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": 5}}}, "schema"),
        ({"type": "json_schema", "json_schema": {"name": "x", "schema": False}}, "no value"),
    ):
        with pytest.raises(openai.BadRequestError, match=said):
            client.chat.completions.create(model="tiny", messages=HELLO, response_format=form)


def check_calls(calls: Any) -> None:
    weather, clock = calls
    arguments = json.loads(weather.function.arguments)
    assert weather.function.name == "weather"
    assert arguments["city"] in ("Bern", "Rome")
    assert arguments["days"] in (1, 2, 3)
    assert json.loads(clock.function.arguments)["zone"].startswith("UTC")
    assert weather.id != clock.id


def test_calls_with_arguments_of_their_schemas(client: Any) -> None:
    asked = {"model": "tiny", "messages": HELLO, "tools": TOOLS}
    (choice,) = client.chat.completions.create(**asked, tool_choice="required").choices
    assert choice.finish_reason == "tool_calls"
    check_calls(choice.message.tool_calls)
    with client.chat.completions.stream(**asked, tool_choice="required") as stream:
        kinds = Counter(event.type for event in stream)
        final = stream.get_final_completion().choices[0]
    assert kinds["tool_calls.function.arguments.done"] == 2
    assert kinds["tool_calls.function.arguments.delta"] > 4
    assert final.finish_reason == "tool_calls"
    check_calls(final.message.tool_calls)
    alone = client.chat.completions.create(
        **asked, tool_choice="required", parallel_tool_calls=False
    )
    assert len(alone.choices[0].message.tool_calls) == 1
    named = {"type": "function", "function": {"name": "clock"}}
    (choice,) = client.chat.completions.create(**asked, tool_choice=named).choices
    assert [one.function.name for one in choice.message.tool_calls] == ["clock"]
    assert client.chat.completions.create(**asked).choices[0].message.tool_calls is None
    with pytest.raises(openai.BadRequestError, match="does not match"):
        other = {"type": "function", "function": {"name": "none"}}
        client.chat.completions.create(**asked, tool_choice=other)


BEGINNING = ["response.created", "response.in_progress"]


def kinds_of(stream: Any) -> list[str]:
    """The types of the events, those that come several times in a row once."""
    found: list[str] = []
    numbers = []
    for event in stream:
        numbers.append(event.sequence_number)
        if found[-1:] != [event.type]:
            found.append(event.type)
    assert numbers == list(range(len(numbers)))
    return found


def part(name: str) -> list[str]:
    added = ["response.output_item.added", "response.content_part.added"]
    done = [f"response.{name}.done", "response.content_part.done", "response.output_item.done"]
    return [*added, f"response.{name}.delta", *done]


def test_events_of_a_response(client: Any) -> None:
    stream = client.responses.create(model="tiny", input="Hello", stream=True)
    assert kinds_of(stream) == [
        *BEGINNING, *part("reasoning_text"), *part("output_text"), "response.completed",
    ]  # fmt: skip
    call = [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    asked = {"model": "tiny", "input": "Hi", "tools": FLAT_TOOLS, "tool_choice": "required"}
    stream = client.responses.create(**asked, stream=True)
    assert kinds_of(stream) == [
        *BEGINNING, *part("reasoning_text"), *call, *call, "response.completed",
    ]  # fmt: skip
    with client.responses.stream(**asked) as events:
        events.until_done()
        thought, weather, clock = events.get_final_response().output
    assert (thought.type, weather.name, clock.name) == ("reasoning", "weather", "clock")
    assert json.loads(weather.arguments)["city"] in ("Bern", "Rome")
    cut = client.responses.create(model="tiny", input="Hello", max_output_tokens=4)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert cut.usage.output_tokens == 4
    result = {"type": "function_call_output", "call_id": "call_1", "output": "sunny"}
    talk = [{"role": "user", "content": [{"type": "input_text", "text": "Hi"}]}, result]
    more = client.responses.create(
        model="tiny", input=talk, instructions="Be brief", top_logprobs=2,
        include=["message.output_text.logprobs"],
    )  # fmt: skip
    assert more.usage.input_tokens == 2 + 1 + 1
    told = more.output[1].content[0].logprobs
    assert "".join(one.token for one in told) == more.output_text
    with pytest.raises(openai.BadRequestError, match="not found"):
        client.responses.create(model="tiny", input="x", previous_response_id="resp_1")


def test_files(client: Any) -> None:
    made = client.files.create(file=("a.txt", b"content"), purpose="user_data")
    assert (made.bytes, made.filename, made.purpose) == (7, "a.txt", "user_data")
    assert client.files.retrieve(made.id) == made
    assert [one.id for one in client.files.list()] == [made.id]
    assert client.files.content(made.id).read() == b"content"
    assert client.files.delete(made.id).deleted
    with pytest.raises(openai.NotFoundError, match="No such File"):
        client.files.retrieve(made.id)


STATUSES = [404, 400, 400, 400, 400, 400, 404, 405, 400]


@pytest.mark.parametrize(
    ("form", "codes"),
    [
        ("openai", ["model_not_found", "empty_array", "invalid_type", "invalid_type",
                    "missing_required_parameter", "context_length_exceeded", "unknown_url",
                    "method_not_supported", None]),
        ("vllm", ["404", "400", "400", "400", "400", "400", "unknown_url", "method_not_supported",
                  "400"]),
    ],
)  # fmt: skip
def test_errors(form: str, codes: list[Any]) -> None:
    settings = change(SimulatorSettings(), {"errors": form, "max_model_len": 50})
    with (
        run_in_thread(settings) as it,
        openai.OpenAI(base_url=f"{it.url}/v1", api_key="any", max_retries=0) as api,
    ):
        chat, post = api.chat.completions.create, api.post
        tries: list[Any] = [
            lambda: chat(model="huge", messages=HELLO),
            lambda: chat(model="simulator", messages=[]),
            lambda: chat(model="simulator", messages="Hello"),
            lambda: chat(model="simulator", messages=HELLO, max_tokens="many"),
            lambda: post("/chat/completions", body={"model": "simulator"}, cast_to=object),
            lambda: chat(model="simulator", messages=HELLO, max_tokens=49),
            lambda: post("/nosuch", body={}, cast_to=object),
            lambda: api.get("/chat/completions", cast_to=object),
            lambda: post("/chat/completions", content=b"{", cast_to=object),
        ]
        found = []
        for one in tries:
            with pytest.raises(openai.APIStatusError) as caught:
                one()
            found.append(caught.value.code)
            assert caught.value.body["message"]
            assert caught.value.status_code == STATUSES[len(found) - 1]
        assert found == codes
