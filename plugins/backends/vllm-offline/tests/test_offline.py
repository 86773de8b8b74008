"""What needs no vLLM: settings, prompts, scores; and an engine that is played."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from aisbench.api import (
    AisbenchError,
    ContentPart,
    FaultKind,
    FinishReason,
    Media,
    Message,
    PathOrName,
    Prompt,
    Request,
    TokenLogprob,
    Tool,
    ToolCall,
)
from aisbench.codec import FilmShape, Renderer, Unfit
from aisbench_plugin_vllm_offline.backend import OfflineBackend
from aisbench_plugin_vllm_offline.media import chosen_frames, counted, given, multi_modal_data
from aisbench_plugin_vllm_offline.sampling import read_own, sampling
from aisbench_plugin_vllm_offline.settings import FilmSampling, OfflineSettings
from aisbench_testkit.canned import PICTURE


class Letters:
    """A tokenizer: a token for each letter, but "qu" is one; 1 begins a text."""

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        joined = text.replace("qu", "\x02")
        return [1] * add_special_tokens + [ord(one) + 10 for one in joined]

    def decode(self, ids: list[int]) -> str:
        return "".join("qu" if one == 12 else chr(one - 10) for one in ids)

    def apply_chat_template(self, turns: list[dict[str, Any]], **keys: Any) -> str:
        if "system" in [turn["role"] for turn in turns]:
            raise ValueError("no system turn, please")
        self.keys = keys
        said = "".join(f"<{turn['role']}>{turn['content']}" for turn in turns)
        return f"{said}<assistant>"


def request(prompt: Prompt, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=prompt,
        generation=generation, stream=False, seed=7,
    )  # fmt: skip


def renderer(**changes: Any) -> Renderer:
    values = {"tokenizer": Letters(), "processor": None, "template": None, "arguments": {}}
    return Renderer(**{**values, **changes})


USER = Message(role="user", content="Hi")


class TestPrompts:
    def test_text_begins_with_the_special_token_and_chats_with_their_template(self) -> None:
        assert renderer().render(Prompt(text="a")).ids == [1, 107]
        ids = renderer().render(Prompt(messages=(USER,))).ids
        assert Letters().decode(ids) == "<user>Hi<assistant>"
        assert renderer().render(Prompt(tokens=(5, 6))).ids == [5, 6]

    def test_a_continuation_begins_where_the_texts_part(self) -> None:
        found = renderer().render(Prompt(text="ab ", continuation="c"))
        # The blank at the end belongs to the continuation.
        assert (len(found.ids), found.scored) == (5, 3)
        merged = renderer().render(Prompt(text="aq", continuation="ue"))
        assert Letters().decode(merged.ids[merged.scored :]) == "que"
        chat = renderer().render(Prompt(messages=(USER,), continuation="yes"))
        assert Letters().decode(chat.ids[chat.scored :]) == "yes"

    def test_template_arguments_and_tools(self) -> None:
        made = renderer(template="{{ x }}", arguments={"enable_thinking": False})
        tool = Tool(name="f", description="d", parameters={"type": "object"})
        call = ToolCall(name="f", arguments='{"x": 1}', id="c")
        turns = (USER, Message(role="assistant", content="", tool_calls=(call,)))
        made.render(Prompt(messages=turns, tools=(tool,)))
        keys = made.tokenizer.keys
        assert keys["enable_thinking"] is False
        assert keys["chat_template"] == "{{ x }}"
        assert keys["tools"][0]["function"]["name"] == "f"
        made.render(Prompt(messages=turns, tools=(tool,), tool_choice="none"))
        assert "tools" not in made.tokenizer.keys

    @pytest.mark.parametrize(
        ("prompt", "said"),
        [
            (Prompt(messages=(Message(role="system", content="x"),)), "no system turn, please"),
            (Prompt(tokens=(1,), continuation="a"), "cannot be scored"),
            (
                Prompt(
                    messages=(
                        Message(
                            role="user",
                            content=(
                                ContentPart(media=Media(kind="image", url="http://x/a.png")),
                            ),
                        ),
                    )
                ),
                "takes text alone",
            ),
        ],
    )
    def test_what_cannot_be_put(self, prompt: Prompt, said: str) -> None:
        with pytest.raises(Unfit, match=said):
            renderer().render(prompt)


class TestSampling:
    def test_names_and_seed(self) -> None:
        asked = request(Prompt(text="a", stop=("Q",)), max_new_tokens=3, temperature=0.5)
        found = sampling(asked, {})
        assert found == {"max_tokens": 3, "temperature": 0.5, "stop": ["Q"], "seed": 7}
        assert "seed" not in sampling(request(Prompt(text="a"), temperature=0), {})
        assert sampling(request(Prompt(text="a")), {})["max_tokens"] == 512

    def test_a_silent_suite_gets_what_the_model_asks_for_and_else_greedy_answers(self) -> None:
        silent = request(Prompt(text="a", stop=("Q",)))
        assert sampling(silent, {}) == {"max_tokens": 512, "temperature": 0.0, "stop": ["Q"]}
        own = read_own(
            {
                "do_sample": True, "temperature": 0.6, "top_p": 0.9, "repetition_penalty": 1.1,
                "max_new_tokens": 99, "min_new_tokens": 2, "stop_strings": ["END"],
                "suppress_tokens": [4], "bad_words_ids": [[5], [6, 7]], "num_beams": 3,
                "no_repeat_ngram_size": 2, "eos_token_id": [1, 2], "transformers_version": "5",
            }
        )  # fmt: skip
        assert sampling(silent, own.values) == {
            "max_tokens": 99, "min_tokens": 2, "temperature": 0.6, "top_p": 0.9,
            "repetition_penalty": 1.1, "stop": ["Q", "END"], "seed": 7,
            "logit_bias": {4: -100.0, 5: -100.0},
        }  # fmt: skip
        told = own.warnings("vllm-offline")
        for name in ("num_beams = 3", "no_repeat_ngram_size = 2", "bad_words_ids = [[6, 7]]"):
            assert any(name in one for one in told), name
        assert len(told) == 3
        said = request(Prompt(text="a"), temperature=0, max_tokens=3, repetition_penalty=1.0)
        found = sampling(said, own.values)
        assert (found["temperature"], found["max_tokens"]) == (0.0, 3)
        assert found["repetition_penalty"] == 1.0
        assert "do_sample" not in sampling(request(Prompt(text="a"), do_sample=True), own.values)
        cold = read_own({"temperature": 0.6})
        assert sampling(silent, cold.values)["temperature"] == 0.0
        assert "without do_sample" in cold.warnings("vllm-offline")[0]

    def test_a_length_of_prompt_and_answer_together(self) -> None:
        own = read_own({"max_length": 30, "min_length": 12}).values
        found = sampling(request(Prompt(text="a")), own, 10)
        assert (found["max_tokens"], found["min_tokens"]) == (20, 2)
        assert sampling(request(Prompt(text="a"), max_tokens=4), own, 40)["max_tokens"] == 4
        with pytest.raises(ValueError, match="max_length = 30"):
            sampling(request(Prompt(text="a")), own, 30)

    def test_continuations_ask_for_the_prompt(self) -> None:
        found = sampling(
            request(Prompt(text="a", continuation="b"), temperature=0.5, max_tokens=9), {}
        )
        assert found["prompt_logprobs"] == 1
        assert (found["max_tokens"], found["temperature"]) == (1, 0.0)

    def test_unknown_names_are_refused(self) -> None:
        backend = OfflineBackend(OfflineSettings(path=PathOrName("x")))
        asked = {"n": 2, "top_p": 1, "beams": 3, "logprobs": 1}
        assert set(backend.refused(asked)) == {"n", "beams"}
        assert set(backend.refused({"logprobs": -1})) == {"logprobs"}


class Engine:
    """vLLM's LLMEngine, as far as it is used: answers "ok", the latest request first."""

    def __init__(self) -> None:
        self.held: list[tuple[str, Any, Any]] = []
        self.most = 0
        self.aborted: list[str] = []
        self.engine_core = SimpleNamespace(shutdown=lambda: None)
        self.model_config = SimpleNamespace(
            max_model_len=51, dtype="torch.bfloat16", try_get_generation_config=dict
        )

    def add_request(self, name: str, prompt: Any, params: Any, lora_request: Any) -> None:
        if len(prompt["prompt_token_ids"]) > 50:
            raise ValueError("the prompt is longer than 50")
        self.held.append((name, prompt["prompt_token_ids"], params))
        self.most = max(self.most, len(self.held))

    def step(self) -> list[Any]:
        name, ids, _ = self.held.pop()
        entry = SimpleNamespace(logprob=-0.5, rank=1)
        likelier = SimpleNamespace(logprob=-0.25, decoded_token="no")
        told = [
            {one: SimpleNamespace(logprob=-one / 2, decoded_token=text), 9: likelier}
            for one, text in ((1, "o"), (2, "k"))
        ]
        completion = SimpleNamespace(
            text="ok", token_ids=[1, 2], finish_reason="stop", logprobs=told
        )
        return [
            SimpleNamespace(
                finished=True, request_id=name, outputs=[completion], prompt_token_ids=ids,
                num_cached_tokens=0, prompt_logprobs=[None, *({one: entry} for one in ids[1:])],
            )
        ]  # fmt: skip

    def abort_request(self, names: list[str]) -> None:
        self.aborted += names


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OfflineBackend, Engine]]:
    engine = Engine()

    def llm(**arguments: Any) -> Any:
        if arguments["model"] == "broken":
            raise RuntimeError("first line\nthe folder has no config.json")
        return SimpleNamespace(llm_engine=engine, get_tokenizer=Letters)

    vllm = ModuleType("vllm")
    vllm.LLM = llm  # type: ignore[attr-defined]
    vllm.SamplingParams = lambda **keys: keys  # type: ignore[attr-defined]
    params = ModuleType("vllm.sampling_params")
    params.RequestOutputKind = SimpleNamespace(FINAL_ONLY=2)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vllm", vllm)
    monkeypatch.setitem(sys.modules, "vllm.sampling_params", params)
    monkeypatch.setattr("aisbench_plugin_vllm_offline.loading.processor", lambda _: None)
    made = OfflineBackend(OfflineSettings(path=PathOrName("tiny"), max_num_seqs=2))
    assert made.open() == "tiny"
    yield made, engine
    made.close()


class TestAnswering:
    def test_each_request_once_and_never_too_many_with_the_engine(
        self, backend: tuple[OfflineBackend, Engine]
    ) -> None:
        made, engine = backend
        found = dict(made.answer([request(Prompt(text=f"a{n}")) for n in range(30)]))
        assert sorted(found) == list(range(30))
        assert engine.most == 8
        assert found[0].text == "ok"
        assert found[0].finish_reason is FinishReason.STOP
        assert found[0].usage.prompt_tokens == 3
        assert found[0].usage.completion_tokens == 2

    def test_log_probabilities_of_its_own_tokens(
        self, backend: tuple[OfflineBackend, Engine]
    ) -> None:
        made, _ = backend
        assert sampling(request(Prompt(text="a"), logprobs=1), {})["logprobs"] == 1
        asked = [
            request(Prompt(text="a"), **keys) for keys in ({}, {"logprobs": 0}, {"logprobs": 1})
        ]
        found = dict(made.answer(asked))
        assert found[0].tokens == ()
        assert found[1].tokens == (TokenLogprob("o", -0.5), TokenLogprob("k", -1.0))
        assert found[2].tokens[1] == TokenLogprob("k", -1.0, (("no", -0.25),))

    def test_what_does_not_fit_fails_alone(self, backend: tuple[OfflineBackend, Engine]) -> None:
        made, _ = backend
        prompts = [
            Prompt(text="a" * 99),
            Prompt(text="b"),
            Prompt(messages=(Message(role="system", content="x"),)),
        ]
        found = dict(made.answer([request(one) for one in prompts]))
        assert found[1].fault is None
        for place, said in ((0, "longer than 50"), (2, "no system turn")):
            fault = found[place].fault
            assert fault is not None
            assert fault.kind is FaultKind.LOCAL
            assert said in fault.message

    def test_a_continuation_is_scored(self, backend: tuple[OfflineBackend, Engine]) -> None:
        made, _ = backend
        ((_, response),) = made.answer([request(Prompt(text="ab", continuation=" c"))])
        assert response.scored is not None
        assert response.scored.logprobs == (-0.5, -0.5)
        assert response.scored.tokens == (" ", "c")
        assert response.scored.greedy is True
        assert response.usage.completion_tokens == 0

    def test_a_text_beyond_the_context_is_scored_in_windows(
        self, backend: tuple[OfflineBackend, Engine]
    ) -> None:
        made, engine = backend
        text = "".join(chr(ord("a") + n % 26) for n in range(120))
        prompts = [
            Prompt(text="", continuation=text, rolling=True),
            Prompt(text="", continuation="ab", rolling=True),
        ]
        lengths: list[int] = []
        add = engine.add_request

        def noted(name: str, prompt: Any, params: Any, lora_request: Any) -> None:
            lengths.append(len(prompt["prompt_token_ids"]))
            add(name, prompt, params, lora_request)

        engine.add_request = noted  # type: ignore[method-assign]
        found = dict(made.answer([request(one) for one in prompts]))
        scored = found[0].scored
        assert scored is not None
        # Letters has no token that begins a text, so that the first letter is not scored.
        assert "".join(scored.tokens) == text[1:]
        assert (len(scored.logprobs), scored.windows) == (119, 3)
        assert found[0].usage.prompt_tokens == 120
        assert max(lengths) == 50
        other = found[1].scored
        assert other is not None
        assert (len(other.logprobs), other.windows) == (1, 1)

    def test_a_long_choice_is_no_text_for_windows(
        self, backend: tuple[OfflineBackend, Engine]
    ) -> None:
        made, _ = backend
        ((_, response),) = made.answer([request(Prompt(text="a" * 60, continuation=" c"))])
        assert response.fault is not None
        assert "longer than 50" in response.fault.message

    def test_an_empty_prompt_fails_alone(self, backend: tuple[OfflineBackend, Engine]) -> None:
        made, _ = backend
        found = dict(made.answer([request(Prompt(tokens=())), request(Prompt(text="b"))]))
        assert found[1].fault is None
        assert found[0].fault is not None
        assert "the prompt is empty" in found[0].fault.message

    def test_stopping_takes_requests_back(self, backend: tuple[OfflineBackend, Engine]) -> None:
        made, engine = backend
        answers = made.answer([request(Prompt(text=f"a{n}")) for n in range(30)])
        next(answers)
        answers.close()  # type: ignore[attr-defined]
        assert len(engine.aborted) == 7

    @pytest.mark.usefixtures("backend")
    def test_a_model_that_vllm_cannot_load(self) -> None:
        broken = OfflineBackend(OfflineSettings(path=PathOrName("broken")))
        with pytest.raises(AisbenchError, match=r"cannot load broken: the folder has no config"):
            broken.open()
        broken.close()


def test_contents_are_given_to_the_engine_and_counted() -> None:
    pytest.importorskip("PIL", reason="pillow is not installed here")
    picture = Media(kind="image", base64=PICTURE, mime="image/png")
    data = multi_modal_data([picture, picture], None, FilmSampling())
    (told,) = given(data)
    assert (told.kind, told.count, told.sizes) == ("image", 2, ((1, 1), (1, 1)))
    processor = SimpleNamespace(image_token_id=5)
    assert counted((told,), processor, [1, 5, 5, 2, 5])[0].tokens == 3


def test_frames_are_those_of_vllms_server() -> None:
    pytest.importorskip("numpy", reason="NumPy is not installed here")
    film = FilmShape(frames=90, rate=30.0, seconds=3.0)
    assert len(chosen_frames(film, FilmSampling())) == 32
    assert chosen_frames(film, FilmSampling(num_frames=4)) == [0, 29, 59, 89]
    assert chosen_frames(film, FilmSampling(fps=1.0)) == [0, 44, 89]
    assert chosen_frames(film, FilmSampling(fps=0.1)) == [0]


def test_without_vllm_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    made = OfflineBackend(OfflineSettings(path=PathOrName("tiny")))
    with pytest.raises(AisbenchError, match="needs vLLM") as caught:
        made.open()
    assert "pip install vllm" in str(caught.value.hint)


def test_stored_answers_know_the_weights_apart(
    backend: tuple[OfflineBackend, Engine], tmp_path: Path
) -> None:
    settings = OfflineSettings(path=PathOrName("tiny"), revision="v2", quantization="awq")
    assert OfflineBackend(settings).open() == "tiny@v2@awq"
    template = tmp_path / "none.jinja"
    with pytest.raises(AisbenchError, match=r"none\.jinja"):
        OfflineBackend(OfflineSettings(path=PathOrName("t"), chat_template=template)).open()


def test_files_and_settings_are_told(
    backend: tuple[OfflineBackend, Engine], tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "generation_config.json").write_text('{"repetition_penalty": 1.3, "top_h": 0.4}')
    template = tmp_path / "own.jinja"
    template.write_text("{{ x }}")

    def told(**settings: Any) -> Any:
        made = OfflineBackend(OfflineSettings(path=PathOrName(tmp_path), **settings))
        made.open()
        return made.describe()

    first = told()
    assert {"config.json", "generation_config.json"} <= set(first.fingerprint)
    assert first.defaults == {"repetition_penalty": 1.3}
    assert "top_h = 0.4" in first.warnings[0]
    assert any("bfloat16" in note for note in first.notes)
    assert told(engine={"generation_config": "vllm"}).defaults == {}
    override = {"override_generation_config": {"repetition_penalty": 1.0, "max_new_tokens": 5}}
    assert told(engine=override).defaults == {"max_new_tokens": 5}
    assert "chat_template" in told(chat_template=template).fingerprint
    (tmp_path / "generation_config.json").write_text("{}")
    assert told().fingerprint != first.fingerprint
    (tmp_path / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "b.safetensors"}}'
    )
    with pytest.raises(AisbenchError, match=r"b\.safetensors"):
        told()
