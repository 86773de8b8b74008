"""What rows become: exact lengths, times, shared texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aisbench.api import DataError, Message, Prompt, Sample, TextTokenizer
from aisbench_plugin_traces.template import MessagesSettings, MessagesTemplate
from aisbench_plugin_traces.trace_dataset import TraceDataset

Make = Callable[..., TraceDataset]
MS = 1_000_000


def text(sample: Sample) -> str:
    return str(sample.fields["prompt"])


@pytest.mark.parametrize("kind", ["mooncake", "burstgpt", "azure"])
def test_every_prompt_has_its_length(kind: str, trace: Make, tokenizer: TextTokenizer) -> None:
    samples = trace(kind).samples()
    wanted = [sample.fields["input_length"] for sample in samples]
    assert tokenizer.counts([text(sample) for sample in samples]) == wanted
    assert len({text(sample) for sample in samples}) == len(samples)


def test_mooncake(trace: Make) -> None:
    samples = trace("mooncake").samples()
    assert [sample.id for sample in samples] == ["line-1", "line-2", "line-3", "line-4"]
    assert [sample.arrival_ns for sample in samples] == [0, 0, 750 * MS, 5000 * MS]
    assert samples[2].generation == {"max_tokens": 40, "ignore_eos": True}
    words = [text(sample).split() for sample in samples]
    assert words[0][:1024] == words[1]
    assert words[0][:512] == words[2][:512]
    assert words[0][1024:1040] != words[0][:16]
    assert words[3][:16] != words[0][:16]


def test_mooncake_with_other_blocks(trace: Make) -> None:
    with pytest.raises(DataError, match=r"jsonl:2: input_length 1024 with 2 hash_ids") as caught:
        trace("mooncake", block_size=500).samples()
    assert "block_size" in caught.value.hint


def test_burstgpt(trace: Make) -> None:
    samples = trace("burstgpt").samples()
    # Line 3 has no response: the request failed.
    assert [sample.id for sample in samples] == ["line-2", "line-4", "line-5"]
    assert [sample.arrival_ns for sample in samples] == [0, 7000 * MS, 22_500 * MS]
    assert samples[0].fields["model"] == "ChatGPT"
    assert samples[2].fields["log_type"] == "API log"


def test_burstgpt_by_model_and_log_type(trace: Make) -> None:
    (sample,) = trace("burstgpt", models=("GPT-4",)).samples()
    assert (sample.id, sample.arrival_ns) == ("line-5", 0)
    (sample,) = trace("burstgpt", models=("ChatGPT",), log_types=("API log",)).samples()
    assert sample.id == "line-4"
    with pytest.raises(DataError, match=r"no row of models 'GPT-5'") as caught:
        trace("burstgpt", models=("GPT-5",)).samples()
    assert "'ChatGPT', 'GPT-4'" in caught.value.hint


def test_answers_of_no_tokens(trace: Make) -> None:
    samples = trace("burstgpt", empty_answers="one").samples()
    assert samples[1].generation["max_tokens"] == 1
    with pytest.raises(DataError, match=r"burstgpt\.csv:3: the row has 0 output tokens"):
        trace("burstgpt", empty_answers="error").samples()
    with pytest.raises(DataError, match="every row that is left has 0"):
        trace("burstgpt", models=("GPT-4",), end=8.0).samples()


def test_azure(trace: Make) -> None:
    samples = trace("azure").samples()
    # Over midnight of a leap day, to a tenth of a microsecond.
    assert [sample.arrival_ns for sample in samples] == [0, 749_999_900, 4_499_999_900]
    assert samples[0].id == "line-2"
    assert samples[1].fields["output_length"] == 10


def test_trace(trace: Make, tokenizer: TextTokenizer) -> None:
    first, own, second, third = trace("trace").samples()
    assert [one.arrival_ns for one in (first, own, second, third)] == [
        0, 12_500_000, 800 * MS, 900 * MS,
    ]  # fmt: skip
    assert own.id == "line-2"
    assert text(own) == "What is {a} trace?"
    assert own.generation == {"max_tokens": 6, "ignore_eos": True}
    assert second.generation == {}
    assert tokenizer.counts([text(first), text(second), text(third)]) == [70, 90, 130]
    assert text(first).split()[:40] == text(second).split()[:40]
    assert text(first).split()[40:50] != text(second).split()[40:50]
    assert text(third).startswith(text(second))


def test_messages_are_sent_as_they_are(trace: Make, tmp_path: Any) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"at_ms": 0, "messages": [{"role": "system", "content": "Be brief."}, '
        '{"role": "user", "content": "{x}?"}]}\n{"at_ms": 1, "prompt": "Hi"}\n'
    )
    made = trace("trace", path=path, tokenizer="")
    assert made.variants()["chat"].template == "trace-messages"
    first, second = made.samples()
    template = MessagesTemplate(MessagesSettings(user="{prompt}", assistant="yes"))
    assert template.render(first, ()) == Prompt(
        messages=(
            Message(role="system", content="Be brief."),
            Message(role="user", content="{x}?"),
        )
    )
    hi = Message(role="user", content="Hi")
    assert template.render(second, ()).messages == (hi,)
    yes = Message(role="assistant", content="yes")
    assert template.render(second, (second,)).messages == (hi, yes, hi)
    with pytest.raises(DataError, match=r"names \{prompt\}, which sample q does not have"):
        template.render(Sample(id="q", fields={"x": 1}), ())


def test_a_part_of_a_trace(trace: Make) -> None:
    samples = trace("mooncake", begin=0.5, end=5.0).samples()
    assert [(one.id, one.arrival_ns) for one in samples] == [("line-3", 0)]
    assert [one.id for one in trace("mooncake", begin=0.75).samples()] == ["line-3", "line-4"]
    with pytest.raises(DataError, match="no row lies between begin and end"):
        trace("mooncake", begin=100.0).samples()


def test_answers_may_end_early(trace: Make) -> None:
    samples = trace("azure", ignore_eos=False).samples()
    assert samples[0].generation == {"max_tokens": 4}


def test_words_need_no_tokenizer(trace: Make) -> None:
    samples = trace("azure", tokenizer="", unit="words").samples()
    assert [len(text(sample).split()) for sample in samples] == [37, 9, 120]


def test_no_tokenizer_is_told_with_the_ways_out(trace: Make) -> None:
    with pytest.raises(DataError, match=r"mooncake\.jsonl:1: the row has 1100 tokens") as caught:
        trace("mooncake", tokenizer="").samples()
    assert "tokenizer.json" in caught.value.hint
    assert 'unit = "words"' in caught.value.hint


def test_the_seed_decides_the_words(trace: Make) -> None:
    one, again = (trace("azure").samples()[0] for _ in range(2))
    assert one == again
    assert text(trace("azure", seed=1).samples()[0]) != text(one)


def test_files(trace: Make) -> None:
    assert [file.name for file in trace("azure").files()] == ["azure.csv", "tokenizer.json"]
    assert [file.name for file in trace("azure", tokenizer="some/model").files()] == ["azure.csv"]
