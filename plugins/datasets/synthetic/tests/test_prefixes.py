"""Trees of prefixes, a target hit rate, and conversations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.api import DataError, Message, Prompt, Response, TextTokenizer
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import Lengths
from aisbench_plugin_synthetic.prefixes import Prefix, PrefixLevel
from aisbench_plugin_synthetic.settings import TurnsSettings
from aisbench_plugin_synthetic.turns import SyntheticTurns

Make = Callable[..., Synthetic]
TOKENIZER = Path(__file__).parent / "data" / "tokenizer.json"


def test_a_tree(synthetic: Make, tokenizer: TextTokenizer) -> None:
    levels = (PrefixLevel(tokens=32, groups=2), PrefixLevel(tokens=48, groups=3, share=0.5))
    made = synthetic(rows=120, input=120, prefix=Prefix(levels=levels, hit_rate=0.8))
    samples = made.samples()
    assert Counter(one.labels["depth"] for one in samples) == {"0": 24, "1": 48, "2": 48}
    groups = Counter(one.labels["group"] for one in samples)
    assert {name: count for name, count in groups.items() if "." in name} == {
        f"{a}.{b}": 8 for a in range(2) for b in range(3)
    }
    words = {one.id: str(one.fields["prompt"]).split() for one in samples}
    for depth, length in (("1", 32), ("2", 80)):
        beginnings = {
            (".".join(one.labels["group"].split(".")[: int(depth)]), *words[one.id][:length])
            for one in samples
            if one.labels["depth"] >= depth
        }
        assert len(beginnings) == (2 if depth == "1" else 6)
    assert set(tokenizer.counts([str(one.fields["prompt"]) for one in samples])) == {120}


def _rate(made: Synthetic, block: int) -> float:
    """What a cache without end has of the rows, asked one after the other."""
    seen: set[tuple[str, ...]] = set()
    hits = total = 0
    for one in made.samples():
        words = str(one.fields["prompt"]).split()
        keys = [tuple(words[:end]) for end in range(block, len(words) + 1, block)]
        hits += block * sum(key in seen for key in keys[: (len(words) - 1) // block])
        total += len(words)
        seen.update(keys)
    return hits / total


@pytest.mark.parametrize("target", [0.2, 0.5, 0.7])
def test_a_target_is_met(synthetic: Make, target: float) -> None:
    lengths = Lengths(method="uniform", min=300, max=400)
    prefix = Prefix(target_hit_rate=target, groups=5)
    assert _rate(synthetic(rows=200, input=lengths, prefix=prefix), 16) == pytest.approx(
        target, abs=0.025
    )


@pytest.mark.parametrize(
    ("prefix", "says"),
    [
        (Prefix(target_hit_rate=0.95, groups=20), "cannot be had"),
        (Prefix(), "prefix has no length"),
        (Prefix(tokens=8, target_hit_rate=0.5), "tokens and target_hit_rate"),
        (Prefix(levels=(PrefixLevel(tokens=8),), groups=2), "no effect beside prefix.levels"),
        (Prefix(levels=(PrefixLevel(tokens=60), PrefixLevel(tokens=60))), "alone are 120"),
    ],
)
def test_refuses(synthetic: Make, prefix: Prefix, says: str) -> None:
    with pytest.raises(DataError, match=says):
        synthetic(rows=60, input=100, prefix=prefix).samples()


def test_conversations(tokenizer: TextTokenizer) -> None:
    settings = TurnsSettings(
        rows=6,
        input=80,
        turns=Lengths(method="uniform", min=1, max=4),
        turn_input=20,
        tokenizer=str(TOKENIZER),  # type: ignore[arg-type]
        prefix=Prefix(tokens=32, groups=2),
    )
    made = SyntheticTurns(settings)
    assert "tokens" not in made.variants()
    samples = made.samples()
    counts = {len(one.fields["turns"]) for one in samples}  # type: ignore[arg-type]
    assert len(counts) > 1
    sample = max(samples, key=lambda one: len(str(one.fields["turns"])))
    first = Prompt(messages=(Message(role="user", content=str(sample.fields["prompt"])),))
    play = made.play(sample, first)
    prompt = next(play)
    depths = [prompt.labels["depth"]]
    with pytest.raises(StopIteration):
        while True:
            prompt = play.send(Response(text="so be it"))
            depths.append(prompt.labels["depth"])
    assert depths == [str(1 + turn) for turn in range(len(depths))]
    assert prompt.messages is not None
    roles = [one.role for one in prompt.messages]
    assert roles == ["user", "assistant"] * (len(depths) - 1) + ["user"]
    assert [tokenizer.count(one.text) for one in prompt.messages if one.role == "user"] == [
        80,
        *[20] * (len(depths) - 1),
    ]
