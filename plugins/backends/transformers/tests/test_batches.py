"""An answer is the same alone and in any batch, whatever is asked of it; and what is asked is done
as Transformers does it for a prompt that is alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_models import text_model

from aisbench.api import PathOrName, Prompt, Request, Response
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings

PROMPTS = (
    "A baker", "0 1 2 3 4 5 6 7 8 9 10 11 12 20 30", "How many are left? The answer is", "x",
    "Then write one last line that holds #### and the final number.", "1 2 1 2 1 2",
)  # fmt: skip


@pytest.fixture(scope="module")
def hf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HfBackend]:
    made = HfBackend(
        HfSettings(path=PathOrName(text_model(tmp_path_factory)), dtype="float32", batch_size=8)
    )
    made.open()
    yield made
    made.close()


def ask(text: str, seed: int = 0, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=seed, stream=False,
        prompt=Prompt(text=text), generation={"temperature": 0.0, "max_tokens": 10, **generation},
    )  # fmt: skip


def answers(hf: HfBackend, requests: list[Request]) -> list[Response]:
    found = dict(hf.answer(requests))
    return [found[place] for place in range(len(requests))]


SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.sampled_from([0.0, 0.7, 1.5]),
        "top_k": st.sampled_from([1, 5, 50]),
        "top_p": st.sampled_from([0.3, 0.95]),
        "min_p": st.sampled_from([0.05, 0.5]),
        "typical_p": st.sampled_from([0.3, 0.9]),
        "repetition_penalty": st.sampled_from([0.5, 1.3, 3.0]),
        "presence_penalty": st.sampled_from([-1.0, 0.5, 2.0]),
        "frequency_penalty": st.sampled_from([-0.5, 1.0]),
        "no_repeat_ngram_size": st.sampled_from([1, 2, 3]),
        "suppress_tokens": st.lists(st.integers(3, 400), max_size=30),
        "begin_suppress_tokens": st.lists(st.integers(3, 400), max_size=30),
        "bad_words_ids": st.lists(
            st.lists(st.integers(0, 400), min_size=1, max_size=2), max_size=5
        ),
        "min_tokens": st.sampled_from([0, 4]),
        "max_tokens": st.sampled_from([1, 6, 12]),
        "stop": st.sampled_from(["e", " t"]),
    },
)


@given(
    st.lists(st.tuples(st.sampled_from(PROMPTS), st.integers(0, 9)), min_size=2, max_size=6),
    SETTINGS,
)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_answer_is_the_same_alone_and_in_any_batch(
    hf: HfBackend, rows: list[tuple[str, int]], generation: dict[str, Any]
) -> None:
    requests = [ask(text, seed, **generation) for text, seed in rows]
    together = answers(hf, requests)
    assert all(one.fault is None for one in together)
    assert [answers(hf, [one])[0] for one in requests] == together


@pytest.mark.parametrize(
    "generation",
    [
        {"repetition_penalty": 1.8},
        {"repetition_penalty": 0.6},
        {"no_repeat_ngram_size": 2},
        {"no_repeat_ngram_size": 1, "repetition_penalty": 1.2},
        {"suppress_tokens": list(range(3, 300))},
        {"begin_suppress_tokens": list(range(3, 500))},
        {"bad_words_ids": [[one, two] for one in range(3, 40) for two in range(3, 20)]},
        {"sequence_bias": [[[one], 4.0] for one in range(300, 380)]},
    ],
    ids=lambda one: ", ".join(one),
)
def test_as_transformers_does_it_for_a_prompt_alone(
    hf: HfBackend, generation: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from transformers import GenerationConfig

    loaded = hf._loaded
    assert loaded is not None
    plain = answers(hf, [ask(text) for text in PROMPTS])
    asked = dict(generation)
    if bias := asked.pop("sequence_bias", None):
        monkeypatch.setattr(loaded, "own", {"sequence_bias": bias})
    found = answers(hf, [ask(text, **asked) for text in PROMPTS])
    assert [one.text for one in found] != [one.text for one in plain]
    for text, response in zip(PROMPTS, found, strict=True):
        ids = torch.tensor([loaded.tokenizer.encode(text)])
        config = GenerationConfig(
            max_new_tokens=10, do_sample=False, eos_token_id=list(loaded.ends),
            pad_token_id=loaded.tokenizer.pad_token_id, **generation,
        )  # fmt: skip
        own = loaded.model.generate(
            ids, attention_mask=torch.ones_like(ids), generation_config=config
        )
        said = loaded.tokenizer.decode(own[0, ids.shape[1] :], skip_special_tokens=True)
        assert response.text == said


def test_presence_and_frequency_count_the_answer_alone(hf: HfBackend) -> None:
    """Against logits of plain forward passes, as OpenAI's formula has it."""
    import torch

    loaded = hf._loaded
    assert loaded is not None
    presence, frequency = 0.7, 0.4
    ids = loaded.tokenizer.encode(PROMPTS[1])
    own: list[int] = []
    with torch.inference_mode():
        for _ in range(12):
            logits = loaded.model(torch.tensor([ids + own])).logits[0, -1]
            for token in set(own):
                logits[token] -= presence + frequency * own.count(token)
            own.append(int(logits.argmax()))
    wanted = loaded.tokenizer.decode(own, skip_special_tokens=True)
    asked = {"presence_penalty": presence, "frequency_penalty": frequency, "max_tokens": 12}
    (found, _) = answers(hf, [ask(PROMPTS[1], **asked), ask(PROMPTS[4], **asked)])
    assert found.text == wanted


def test_a_last_layer_in_float32(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder: Path = text_model(tmp_path_factory)
    import torch

    made = HfBackend(HfSettings(path=PathOrName(folder), dtype="bfloat16", logits_dtype="float32"))
    made.open()
    assert made._loaded is not None
    assert any("bfloat16" in note and "batch" in note for note in made.describe().notes)
    ids = torch.tensor([made._loaded.tokenizer.encode(PROMPTS[2])])
    with torch.inference_mode():
        hidden = made._loaded.model.model(ids).last_hidden_state
        logits = made._loaded.model(ids).logits
    head = made._loaded.model.get_output_embeddings().weight
    assert (hidden.dtype, logits.dtype, head.dtype) == (
        torch.bfloat16, torch.float32, torch.float32,
    )  # fmt: skip
    assert torch.equal(logits, hidden.float() @ head.T)
    assert answers(made, [ask(PROMPTS[0], temperature=1.0)])[0].fault is None
    made.close()
