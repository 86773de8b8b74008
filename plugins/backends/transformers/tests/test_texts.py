"""Texts longer than the context, special tokens that are there already, prompts of nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import text_model

from aisbench.api import PathOrName, Prompt, Request, Response
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings

LONG = " ".join(str(number * 7 % 101) for number in range(120))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text_model(tmp_path_factory)


@pytest.fixture(scope="module")
def short(folder: Path) -> Iterator[HfBackend]:
    made = opened(folder, max_length=48)
    yield made
    made.close()


def opened(folder: Path, **settings: Any) -> HfBackend:
    made = HfBackend(HfSettings(path=PathOrName(folder), dtype="float32", **settings))
    made.open()
    return made


def ask(prompt: Prompt, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=0, stream=False, prompt=prompt,
        generation={"temperature": 0.0, "max_tokens": 4, **generation},
    )  # fmt: skip


def answers(hf: HfBackend, *prompts: Prompt, **generation: Any) -> list[Response]:
    found = dict(hf.answer([ask(one, **generation) for one in prompts]))
    return [found[place] for place in range(len(prompts))]


def rolling(hf: HfBackend, text: str, most: int) -> float:
    """The log-likelihood of a text as lm-evaluation-harness adds it up: blocks of ``most``
    tokens, each foretold by the ones before it as far as ``most`` reach."""
    import torch

    loaded = hf._loaded
    assert loaded is not None
    ids = loaded.tokenizer.encode(text)
    total, place = 0.0, 0
    while place < len(ids):
        block = ids[place : place + most]
        begin = max(0, place + len(block) - most - 1)
        read = ids[begin : place + len(block)]
        read = [loaded.tokenizer.eos_token_id, *read][-most - 1 :] if place == 0 else read
        with torch.inference_mode():
            logits = loaded.model(torch.tensor([read[:-1]])).logits[0].log_softmax(-1)
        for number, token in enumerate(block, len(read) - len(block)):
            total += float(logits[number - 1, token])
        place += len(block)
    return total


@pytest.mark.parametrize("count", [1, 2, 47, 48, 49, 96, 97, 150])
def test_a_text_beyond_the_context_is_scored_in_windows(short: HfBackend, count: int) -> None:
    assert short._loaded is not None
    tokenizer = short._loaded.tokenizer
    text = tokenizer.decode(tokenizer.encode(LONG)[:count])
    tokens = tokenizer.encode(text)
    assert len(tokens) == count
    first, other = answers(
        short,
        Prompt(text="", continuation=text, rolling=True),
        Prompt(text="", continuation="A baker", rolling=True),
    )
    assert first.fault is None
    assert other.scored is not None
    assert first.scored is not None
    assert len(first.scored.logprobs) == count
    assert first.scored.windows == -(-count // 48)
    assert first.scored.total == pytest.approx(rolling(short, text, 48), abs=1e-4)
    assert "".join(first.scored.tokens) == text
    assert first.usage.prompt_tokens == count + 1
    assert other.scored.windows == 1


def test_a_context_before_a_long_text_is_read_in_its_first_window(short: HfBackend) -> None:
    context = "How many are left? The answer is"
    (found,) = answers(short, Prompt(text=context, continuation=f" {LONG}", rolling=True))
    assert found.scored is not None
    assert short._loaded is not None
    encode = short._loaded.tokenizer.encode
    assert len(found.scored.logprobs) == len(encode(f"{context} {LONG}")) - len(encode(context))
    (alone,) = answers(short, Prompt(text="x", continuation=f" {LONG}", rolling=True))
    assert alone.scored is not None
    assert alone.scored.logprobs[0] != found.scored.logprobs[0]


def test_advice_fits_what_is_wrong(folder: Path, short: HfBackend) -> None:
    choice = Prompt(text=LONG, continuation=" 4")
    (found,) = answers(short, choice)
    assert found.fault is not None
    assert "before the continuation" in found.fault.message
    cut = opened(folder, max_length=48, truncate="left")
    (found,) = answers(cut, choice)
    (whole,) = answers(opened(folder), choice)
    assert found.scored is not None
    assert whole.scored is not None
    assert len(found.scored.logprobs) == len(whole.scored.logprobs)
    assert found.usage.prompt_tokens == 49
    (found,) = answers(cut, Prompt(text="x", continuation=LONG))
    assert found.fault is not None
    assert "truncate" not in found.fault.message
    # It is cut already: what leaves no room is the answer.
    (found,) = answers(cut, Prompt(text=LONG), max_tokens=48)
    assert found.fault is not None
    assert "truncate" not in found.fault.message
    assert "max_tokens" in found.fault.message
    cut.close()


def test_an_empty_prompt_fails_alone(short: HfBackend) -> None:
    empty, also, fine = answers(short, Prompt(text=""), Prompt(tokens=()), Prompt(text="A"))
    for one in (empty, also):
        assert one.fault is not None
        assert "the prompt is empty" in one.fault.message
    assert fine.fault is None
    (nothing,) = answers(short, Prompt(text="", continuation="x"))
    assert nothing.fault is not None


@pytest.fixture(scope="module")
def beginning(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a tokenizer that begins every text with a token, as Llama's do."""
    made = tmp_path_factory.mktemp("bos") / "model"
    shutil.copytree(folder, made)
    tokens = json.loads((made / "tokenizer.json").read_text())
    begin = {"id": "<|im_start|>", "ids": [1], "tokens": ["<|im_start|>"]}
    tokens["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|im_start|>": begin},
    }
    (made / "tokenizer.json").write_text(json.dumps(tokens))
    config = json.loads((made / "tokenizer_config.json").read_text())
    config["bos_token"] = "<|im_start|>"
    (made / "tokenizer_config.json").write_text(json.dumps(config))
    return made


def test_a_text_that_has_its_beginning_gets_no_second_one(beginning: Path) -> None:
    made = opened(beginning)
    assert made._loaded is not None
    tokenizer = made._loaded.tokenizer
    assert tokenizer.encode("Hi")[0] == tokenizer.bos_token_id == 1
    bare, written = answers(made, Prompt(text="Hi there"), Prompt(text="<|im_start|>Hi there"))
    assert written == bare
    assert bare.usage.prompt_tokens == len(tokenizer.encode("Hi there"))
    pair = [
        Prompt(text=f"{begin}The sky", continuation=" is blue") for begin in ("", "<|im_start|>")
    ]
    first, second = answers(made, *pair)
    assert first.scored is not None
    assert first == second
    texts = [
        Prompt(text="", continuation=f"{begin}The sky", rolling=True)
        for begin in ("", "<|im_start|>")
    ]
    first, second = answers(made, *texts)
    assert first.scored is not None
    assert first == second
    assert len(first.scored.logprobs) == len(tokenizer.encode("The sky")) - 1
    # A BOS that the text has twice is its own matter.
    (twice,) = answers(made, Prompt(text="<|im_start|><|im_start|>Hi there"))
    assert twice.usage.prompt_tokens == (bare.usage.prompt_tokens or 0) + 1
    made.close()


def test_what_the_model_asks_for_and_does_not_get_is_warned_of(
    folder: Path, tmp_path: Path
) -> None:
    made = tmp_path / "model"
    shutil.copytree(folder, made)
    file = made / "generation_config.json"
    config = {
        **json.loads(file.read_text()), "num_beams": 4, "guidance_scale": 1.5, "top_p": 0.5,
        "max_new_tokens": 20, "repetition_penalty": 1.7,
    }  # fmt: skip
    file.write_text(json.dumps(config))
    hf = opened(made)
    told = hf.describe()
    assert told.defaults == {"top_p": 0.5, "max_new_tokens": 20, "repetition_penalty": 1.7}
    assert len([one for one in told.warnings if "num_beams = 4" in one]) == 1
    assert any("guidance_scale = 1.5" in one for one in told.warnings)
    assert any("top_p without do_sample" in one for one in told.warnings)
    assert any("repetition_penalty = 1.7" in note for note in told.notes)
    silent = Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=0, stream=False,
        prompt=Prompt(text="0 1 2 0 1 2 0 1"), generation={"ignore_eos": True},
    )  # fmt: skip
    ((_, response),) = hf.answer([silent])
    assert response.usage.completion_tokens == 20
    (plain,) = answers(
        opened(folder), Prompt(text="0 1 2 0 1 2 0 1"), max_tokens=20, ignore_eos=True
    )
    assert response.text != plain.text
    hf.close()
