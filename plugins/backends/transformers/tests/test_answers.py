"""Answers of a tiny random model: equal to plain forward passes, whatever shares their batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_models import text_model

from aisbench.api import (
    AisbenchError,
    FaultKind,
    FinishReason,
    Message,
    PathOrName,
    Prompt,
    Request,
    Response,
)
from aisbench_plugin_transformers import backend as backend_module
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings

TEXTS = ["A baker", "How many are left? The answer is", "0 1 2 3", "Solve this step by step. Then"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return text_model(tmp_path_factory)


@pytest.fixture(scope="module")
def hf(folder: Path) -> Iterator[HfBackend]:
    made = opened(folder)
    yield made
    made.close()


def opened(folder: Path, **settings: Any) -> HfBackend:
    made = HfBackend(HfSettings(path=PathOrName(folder), dtype="float32", **settings))
    assert made.open() == str(folder)
    return made


def ask(prompt: Prompt | str, seed: int = 7, **generation: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=seed, stream=False,
        prompt=Prompt(text=prompt) if isinstance(prompt, str) else prompt,
        generation={"temperature": 0.0, "max_tokens": 12, **generation},
    )  # fmt: skip


def answers(hf: HfBackend, requests: Sequence[Request]) -> list[Response]:
    found = dict(hf.answer(requests))
    assert sorted(found) == list(range(len(requests)))
    return [found[place] for place in range(len(requests))]


def answer(hf: HfBackend, request: Request) -> Response:
    return answers(hf, [request])[0]


def test_a_greedy_answer_is_that_of_plain_decoding(hf: HfBackend) -> None:
    import torch

    assert hf._loaded is not None
    model, tokenizer = hf._loaded.model, hf._loaded.tokenizer
    ids = tokenizer.encode(TEXTS[0])
    own: list[int] = []
    with torch.inference_mode():
        for _ in range(12):
            own.append(int(model(torch.tensor([ids + own])).logits[0, -1].argmax()))
    response = answer(hf, ask(TEXTS[0]))
    assert response.text == tokenizer.decode(own, skip_special_tokens=True)
    assert response.usage.prompt_tokens == len(ids)
    assert response.usage.completion_tokens == 12
    assert response.finish_reason is FinishReason.LENGTH


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_an_answer_does_not_depend_on_its_batch(hf: HfBackend, temperature: float) -> None:
    requests = [
        ask(text, seed=place, temperature=temperature, max_tokens=5 + place)
        for place, text in enumerate(TEXTS * 2)
    ]
    together = answers(hf, requests)
    assert [answer(hf, one) for one in requests] == together
    assert [one.usage.completion_tokens for one in together] == [5, 6, 7, 8, 9, 10, 11, 12]


def test_seeds_make_answers_differ_and_come_again(hf: HfBackend) -> None:
    texts = [answer(hf, ask(TEXTS[0], seed=seed, temperature=1.0)).text for seed in range(6)]
    assert len(set(texts)) == 6
    assert answer(hf, ask(TEXTS[0], seed=3, temperature=1.0)).text == texts[3]


def test_tokens_have_the_models_own_log_probabilities(hf: HfBackend) -> None:
    import torch

    plain, alone, many = answers(
        hf, [ask(TEXTS[0]), ask(TEXTS[0], logprobs=0), ask(TEXTS[1], logprobs=3)]
    )
    assert plain.tokens == ()
    assert "".join(one.token for one in alone.tokens).strip() == plain.text.strip()
    assert not any(one.top for one in alone.tokens)
    assert len(many.tokens) == many.usage.completion_tokens
    for one in many.tokens:
        # Greedy search takes the likeliest.
        assert one.top[0][0] == one.token
        assert one.logprob == pytest.approx(one.top[0][1])
        assert [value for _, value in one.top] == sorted((v for _, v in one.top), reverse=True)
    loaded = hf._loaded
    assert loaded is not None
    ids = loaded.renderer.render(Prompt(text=TEXTS[1])).ids
    logits = loaded.model(input_ids=torch.tensor([ids])).logits[0, -1]
    wanted = torch.topk(torch.log_softmax(logits.float(), dim=-1), 3).values.tolist()
    assert [value for _, value in many.tokens[0].top] == pytest.approx(wanted, abs=1e-4)
    # Drawn tokens, with a penalty: what is told is what the model thought of them.
    (drawn,) = answers(
        hf, [ask(TEXTS[1], temperature=2.0, presence_penalty=1.0, logprobs=3, max_tokens=1)]
    )
    assert [value for _, value in drawn.tokens[0].top] == pytest.approx(wanted, abs=1e-4)


def test_sampling_follows_the_models_probabilities(hf: HfBackend) -> None:
    """The first tokens of 3000 answers against softmax, by Pearson's chi-squared statistic."""
    import torch

    assert hf._loaded is not None
    ids = hf._loaded.tokenizer.encode(TEXTS[0])
    with torch.inference_mode():
        shares = torch.softmax(hf._loaded.model(torch.tensor([ids])).logits[0, -1] / 0.2, -1)
    # Halves of characters all look alike in a text.
    texts = [hf._loaded.tokenizer.decode([token]) for token in range(len(shares))]
    ranked = torch.argsort(shares, descending=True).tolist()
    likely = [one for one in ranked if texts.count(texts[one]) == 1][:12]
    hf._batch, before = 500, hf._batch
    found = answers(
        hf, [ask(TEXTS[0], seed=seed, temperature=0.2, max_tokens=1) for seed in range(3000)]
    )
    hf._batch = before
    said = [one.text for one in found]
    counts = [said.count(texts[token]) for token in likely]
    expected = [float(shares[token]) * 3000 for token in likely]
    statistic = sum((a - b) ** 2 / b for a, b in zip(counts, expected, strict=True))
    assert statistic < 40  # 12 cells: above it in one of 10,000 cases


def test_top_k_1_is_greedy(hf: HfBackend) -> None:
    greedy = answer(hf, ask(TEXTS[1])).text
    for narrow in ({"top_k": 1}, {"top_p": 0.0001}, {"min_p": 1.0}):
        assert answer(hf, ask(TEXTS[1], temperature=1.0, **narrow)).text == greedy


def test_stop_strings_end_one_row_and_not_its_neighbours(hf: HfBackend) -> None:
    whole = answer(hf, ask(TEXTS[2], max_tokens=20)).text
    stop = whole[6:9]
    stopped, free = answers(
        hf, [ask(TEXTS[2], max_tokens=20, stop=[stop]), ask(TEXTS[2], max_tokens=20)]
    )
    assert stopped.text == whole[: whole.index(stop)]
    assert stopped.finish_reason is FinishReason.STOP
    assert 0 < (stopped.usage.completion_tokens or 0) < 20
    assert free.text == whole
    assert free.usage.completion_tokens == 20


def test_the_end_token_ends_an_answer_unless_it_is_to_be_ignored(
    hf: HfBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hf._loaded is not None
    tokenizer = hf._loaded.tokenizer
    free = answer(hf, ask(TEXTS[3]))
    assert hf._loaded.tokenizer.eos_token_id not in tokenizer.encode(free.text)
    third = _ids(hf, TEXTS[3], 12)[2]
    monkeypatch.setattr(hf._loaded, "ends", (third, *hf._loaded.ends))
    ended = answer(hf, ask(TEXTS[3]))
    assert ended.finish_reason is FinishReason.STOP
    assert (ended.usage.completion_tokens or 0) <= 3
    assert answer(hf, ask(TEXTS[3], ignore_eos=True)).usage.completion_tokens == 12
    late = answer(hf, ask(TEXTS[3], min_tokens=8))
    assert (late.usage.completion_tokens or 0) >= 8


def _ids(hf: HfBackend, text: str, count: int) -> list[int]:
    import torch

    assert hf._loaded is not None
    own: list[int] = []
    ids = hf._loaded.tokenizer.encode(text)
    with torch.inference_mode():
        for _ in range(count):
            own.append(int(hf._loaded.model(torch.tensor([ids + own])).logits[0, -1].argmax()))
    return own


def test_chats_and_ids(hf: HfBackend) -> None:
    assert hf._loaded is not None
    chat = Prompt(messages=(Message(role="user", content="Hi"),))
    text = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert answer(hf, ask(chat)) == answer(hf, ask(text))
    ids = Prompt(tokens=tuple(hf._loaded.tokenizer.encode("Hi")))
    assert answer(hf, ask(ids)) == answer(hf, ask("Hi"))


CHOICES = [" blue and wide", " green", " 42", " blue"]


def plain_scores(hf: HfBackend, context: str, continuation: str) -> list[float]:
    import torch

    assert hf._loaded is not None
    tokenizer = hf._loaded.tokenizer
    ids = tokenizer.encode(context + continuation)
    begin = len(tokenizer.encode(context))
    with torch.inference_mode():
        rows = hf._loaded.model(torch.tensor([ids])).logits[0].log_softmax(-1)
    return [float(rows[place - 1, ids[place]]) for place in range(begin, len(ids))]


def test_continuations_are_scored_as_by_a_plain_forward_pass(hf: HfBackend) -> None:
    contexts = ["The sky is", "How many are left? The answer is"]
    requests = [
        ask(Prompt(text=context, continuation=choice))
        for context in contexts
        for choice in CHOICES
    ]
    requests.append(ask(Prompt(text="Alone it is", continuation=" scored, and longer")))
    requests.append(ask(Prompt(text="So", continuation=" is this")))
    for request, response in zip(requests, answers(hf, requests), strict=True):
        prompt = request.prompt
        assert response.scored is not None
        expected = plain_scores(hf, prompt.text or "", prompt.continuation or "")
        assert response.scored.logprobs == pytest.approx(expected, abs=1e-4)
        assert "".join(response.scored.tokens) == prompt.continuation
        assert response.text == ""


def test_the_shared_prompt_goes_through_the_model_once(
    hf: HfBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hf._loaded is not None
    model, sizes = hf._loaded.model, []
    forward = type(model).forward

    def counted(self: Any, *args: Any, **keys: Any) -> Any:
        sizes.append(tuple(keys["input_ids"].shape))
        return forward(self, *args, **keys)

    monkeypatch.setattr(type(model), "forward", counted)
    context = "How many are left? The answer is 36, because 96 less 60 is"
    answers(hf, [ask(Prompt(text=context, continuation=choice)) for choice in CHOICES])
    (one, prefix), (rows, rest) = sizes
    assert (one, rows) == (1, 4)
    assert prefix == len(hf._loaded.tokenizer.encode(context))
    assert rest < prefix


def test_greedy_continuations_are_told(hf: HfBackend) -> None:
    first = answer(hf, ask(TEXTS[2], max_tokens=3)).text
    likely, unlikely = answers(
        hf,
        [ask(Prompt(text=TEXTS[2], continuation=one)) for one in (first, " sells dozen")],
    )
    assert likely.scored is not None
    assert unlikely.scored is not None
    assert unlikely.scored.greedy is False


def test_too_long_prompts(folder: Path) -> None:
    long = "0 1 2 3 4 5 6 7 8 9 " * 30
    strict = opened(folder, max_length=64)
    fault = answer(strict, ask(long)).fault
    assert fault is not None
    assert fault.kind is FaultKind.LOCAL
    assert "the model takes 64" in fault.message
    fits, bad = answers(strict, [ask("0 1 2", max_tokens=500), ask(long)])
    assert fits.usage.completion_tokens == 64 - (fits.usage.prompt_tokens or 0)
    assert bad.fault is not None
    for how in ("left", "middle"):
        cut = answer(opened(folder, max_length=64, truncate=how), ask(long))
        assert cut.fault is None
        assert cut.usage.prompt_tokens == 52


def test_memory_that_runs_out_makes_batches_smaller(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = opened(folder, batch_size=8)
    real, sizes = backend_module.generate, []

    def tight(loaded: Any, jobs: Any, sampling: Any) -> Any:
        sizes.append(len(jobs))
        if len(jobs) > 3:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        return real(loaded, jobs, sampling)

    monkeypatch.setattr(backend_module, "generate", tight)
    expected = [answer(made, ask(text)) for text in TEXTS]
    assert answers(made, [ask(text) for text in TEXTS * 2]) == expected * 2
    assert sizes[4:] == [8, 4, 2, 2, 2, 2]

    def none(loaded: Any, jobs: Any, sampling: Any) -> Any:
        raise RuntimeError("NPU out of memory")

    monkeypatch.setattr(backend_module, "generate", none)
    fault = answer(made, ask(TEXTS[0])).fault
    assert fault is not None
    assert "out of memory, though it was alone" in fault.message


def test_other_errors_are_not_taken_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(loaded: Any, jobs: Any, sampling: Any) -> Any:
        raise RuntimeError("CUDA error: device-side assert triggered")

    monkeypatch.setattr(backend_module, "generate", broken)
    with pytest.raises(RuntimeError, match="device-side assert"):
        answer(opened(folder), ask(TEXTS[0]))


def test_logits_that_are_no_numbers(folder: Path) -> None:
    import torch

    made = opened(folder)
    assert made._loaded is not None
    with torch.no_grad():
        made._loaded.model.lm_head.weight[5] = float("nan")
    for temperature in (0.0, 1.0):
        fault = answer(made, ask(TEXTS[0], temperature=temperature)).fault
        assert fault is not None
        assert "NaN" in fault.message


def test_repetition_penalty(hf: HfBackend) -> None:
    plain = answer(hf, ask(TEXTS[2], max_tokens=30)).text
    other = answer(hf, ask(TEXTS[2], max_tokens=30, repetition_penalty=5.0)).text
    assert plain != other


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"path": PathOrName("/no/such/folder")}, "/no/such/folder: does not exist"),
        ({"path": PathOrName("no/such-model")}, "no/such-model: cannot be loaded"),
        ({"device": "cuda:99"}, "device 'cuda:99' cannot be used"),
        ({"device": "toaster"}, "device 'toaster' cannot be used"),
        ({"chat_template": Path("/no/such.jinja")}, "no/such.jinja"),
        ({"peft": PathOrName("/no/adapter")}, "peft|adapter"),
    ],
)
def test_what_cannot_be_loaded_is_said(folder: Path, settings: dict[str, Any], said: str) -> None:
    made = HfBackend(HfSettings(**{"path": PathOrName(folder), **settings}))
    with pytest.raises(AisbenchError, match=said):
        made.open()
    made.close()


def test_a_template_of_ones_own(folder: Path, tmp_path: Path) -> None:
    template = tmp_path / "t.jinja"
    template.write_text("{% for m in messages %}[{{ m.content }}]{% endfor %}{{ shout }}")
    made = opened(folder, chat_template=template, template_arguments={"shout": "!"})
    chat = Prompt(messages=(Message(role="user", content="Hi"),))
    assert answer(made, ask(chat)) == answer(made, ask("[Hi]!"))
