"""NeedleBench's rows: where needles lie, how long prompts are, and with which files."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, PathOrName, Sample, load_tokenizer
from aisbench_plugin_needles.needlebench import NeedleBench
from aisbench_plugin_needles.needlebench_settings import NeedleBenchSettings

DATA = Path(__file__).parent / "data"
TOKENIZER = load_tokenizer(str(DATA / "tokenizer.json"))


def rows(*tasks: Any, **settings: Any) -> list[Sample]:
    keys: dict[str, Any] = {"lengths": (3000,), "depths": (0, 50, 100), "rows": 1, **settings}
    made = NeedleBenchSettings(
        tokenizer=PathOrName(str(DATA / "tokenizer.json")), tasks=tasks, **keys
    )
    return list(NeedleBench(made).samples())


def text(sample: Sample) -> str:
    return str(sample.fields["prompt"])


def target(sample: Sample) -> list[str]:
    assert isinstance(sample.target, list)
    return [str(one) for one in sample.target]


@pytest.mark.parametrize("path", [None, DATA / "needlebench"])
def test_needles_lie_at_their_depth(path: Path | None) -> None:
    """The same needle in the same haystack at each depth; lengths are exact to a few tokens."""
    samples = rows("single", path=path)
    assert [one.part for one in samples] == ["single-en"] * 3 + ["single-zh"] * 3
    for sample in samples:
        (keyword,) = target(sample)
        context = re.split(r"</?(?:Document|文档)>\n", text(sample))[1]
        place = context.index(keyword) / len(context)
        assert place == pytest.approx(int(str(sample.fields["depth"])) / 100, abs=0.12)
        assert 0 <= 3000 - 200 - TOKENIZER.count(text(sample)) < 40
        assert "\ufffd" not in text(sample)
        assert sample.fields["cell"] == f"3000 x {sample.fields['depth']} %"
    assert len({target(one)[0] for one in samples[:3]}) == 1


def test_one_needle_at_each_depth() -> None:
    for sample in rows("retrieval", path=DATA / "needlebench"):
        places = [text(sample).index(one) for one in target(sample)]
        assert places == sorted(places)
        assert len(places) == 3
        assert sample.fields["depth"] == "all"
    english, chinese = rows("retrieval", path=DATA / "needlebench")
    asked = text(english).rpartition("now please answer: ")[2]
    assert re.fullmatch(
        r"(What is hidden on \w+ Island\?、?){3}Please answer in the format of "
        r"'(Hidden on \w+ Island is ______、?){3}'\n",
        asked,
    )
    asked = text(chinese).rpartition("现在请问：")[2]
    assert re.fullmatch(
        r"(\w\w岛上藏着什么？、?){3}请按照'(\w\w岛上藏着______、?){3}'的格式回答。\n", asked
    )


def test_chains_of_relatives() -> None:
    """Everybody but the eldest is somebody's younger relative, and the question names the last."""
    samples = rows("reasoning", lengths=(4000,), depths=(0,))
    assert Counter(one.part for one in samples) == {
        f"reasoning-{count}-{language}": 1 for count in (2, 3, 4, 5) for language in ("en", "zh")
    }
    for sample in samples:
        (eldest,) = target(sample)
        assert sample.fields["rule"] == "boxed"
        question = (
            text(sample).partition("please answer: ")[2] or text(sample).partition("请问：")[2]
        )
        assert eldest not in question
        assert eldest in text(sample)


def test_the_ancestral_trace_challenge() -> None:
    samples = {one.id: one for one in rows("atc", atc_needles=(4,), languages=("en",))}
    assert list(samples) == [
        f"atc-4-en-{kind}-0" for kind in ("eldest", "ancestor", "descendant", "distance")
    ]
    distance = samples["atc-4-en-distance-0"]
    story = text(distance).partition("provided below:\n")[2].partition("\n")[0]
    grand = len(re.findall("grand", story))
    # Each sentence names its term once; a grandparent is two generations older.
    assert int(target(distance)[0]) == 4 + grand
    assert r"is \boxed{5}" in text(distance)


def test_rows_never_change() -> None:
    tasks = ("single", "retrieval", "reasoning", "atc")
    settings = {"path": DATA / "needlebench", "atc_needles": (4,)}
    first = rows(*tasks, **settings)
    assert first == rows(*tasks, **settings)
    assert len({one.id for one in first}) == len(first)
    digest = hashlib.sha256("\0".join(map(text, first)).encode()).hexdigest()
    assert digest[:16] == DIGEST
    assert not {*map(text, rows("single", seed=1))} & {*map(text, rows("single"))}


DIGEST = "2e906ca8e6c6444e"


@pytest.mark.parametrize(
    ("tasks", "settings", "said"),
    [
        (("reasoning",), {"lengths": (1000,)}, "reasoning-2-en does not fit into 1000 tokens"),
        (("retrieval",), {"depths": tuple(range(9)), "path": DATA / "needlebench"},
         "at each of 9 depths, and only 3 needles"),
        (("atc",), {"path": DATA / "needlebench"}, "a chain of 16 relations needs more"),
        (("single",), {"path": DATA / "none"}, "none does not exist"),
    ],
)  # fmt: skip
def test_what_cannot_be_made(tasks: Any, settings: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        rows(*tasks, **settings)
