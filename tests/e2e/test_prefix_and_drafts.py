"""Prefix caches and speculative decoding: our figures are the simulator's truth."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from live import simulator
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

import aisbench
from aisbench.api import AisbenchError, PerformanceResult
from aisbench.tokens.exact_text import PLAIN_WORDS
from aisbench_plugin_simulator.filler import filler

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
PIECES = r" ?(?:[^\W\d_]{1,6}|\d{1,3}|[^\w\s]{1,3}|_{1,3})|\s{1,4}"
"""What the simulator's tokens are."""


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The simulator's tokenizer, of words of at most six letters, and its chat template."""
    folder = tmp_path_factory.mktemp("tokenizer")
    words = [one for one in PLAIN_WORDS if len(one) <= 6]
    words += [one.strip() for one in filler(4096, 0)]
    forms = dict.fromkeys(["?", "\n", *words, *(f" {one}" for one in words)])
    model = WordLevel({one: place for place, one in enumerate(forms)}, unk_token="?")
    made = Tokenizer(model)
    made.pre_tokenizer = Split(Regex(PIECES), "isolated")
    made.save(str(folder / "tokenizer.json"))
    template = '{% for one in messages %}{{ one.content + "\\n" }}{% endfor %}'
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


def _ask(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}{path}") as reply:
        data = reply.read()
    return [json.loads(one) for one in data.splitlines()] if "log" in path else json.loads(data)


def _load(
    url: str, tokenizer: Path, data: Mapping[str, Any], load: Mapping[str, Any], folder: Path
) -> PerformanceResult:
    (found,) = _run(url, tokenizer, data, load, folder).loads
    return found


def _run(
    url: str, tokenizer: Path, data: Mapping[str, Any], load: Mapping[str, Any], folder: Path
) -> aisbench.RunResult:
    model = {"backend": "vllm-chat", "url": url, "tokenizer": str(tokenizer)}
    return aisbench.run(
        {
            "suite": {"name": "load", "mode": "performance", "seed": 3},
            "models": {"one": model},
            "datasets": {"work": {"tokenizer": str(tokenizer), **data}},
            "load": {"scrape": True, "scrape_interval": 0.2, **load},
        },
        output=folder,
    )


AGENTS: Mapping[str, Any] = {
    "dataset": "synthetic-turns",
    "rows": 12,
    "input": {"method": "uniform", "min": 120, "max": 200},
    "turns": {"method": "uniform", "min": 1, "max": 4},
    "turn_input": {"method": "uniform", "min": 3, "max": 30},
    "output": {"method": "uniform", "min": 5, "max": 40},
    "prefix": {"levels": [{"tokens": 40, "groups": 2}, {"tokens": 50, "groups": 2, "share": 0.5}]},
}


@pytest.mark.parametrize("blocks", [0, 40])
def test_theory_is_the_truth(tokenizer: Path, tmp_path: Path, blocks: int) -> None:
    """Of a server that is asked one request after the other, to the token."""
    with simulator(
        "--block-size", "8", "--blocks", str(blocks), "--cached-usage", "--ttft-ms", "1"
    ) as one:  # fmt: skip
        load = {"shape": "closed", "concurrency": 1, "warm_up": 2}
        found = _load(one.url, tokenizer, AGENTS, load, tmp_path)
        truth, log = (
            _ask(one.url, "/simulator/stats")["prefix_cache"],
            _ask(one.url, "/simulator/log"),
        )
    cache = found.prefix_cache
    assert cache is not None
    assert (cache.block_size, cache.block_size_from) == (8, "server")
    assert cache.blocks == (blocks or None)
    assert cache.basis == "template"
    assert found.counts.success == cache.measured.requests == len(log) - 2
    measured = log[2:]
    hits = sum(line["cached_tokens"] for line in measured)
    assert cache.measured.reported == hits
    ours = cache.measured.theory if not blocks else cache.measured.limited
    assert ours == hits
    assert cache.server_hits == hits
    assert cache.server_queries == cache.measured.prompt
    assert truth["hits"] >= hits > 0
    if blocks:
        assert hits < cache.measured.theory
        assert truth["evictions"] > 0
    else:
        assert cache.measured.limited is None
        assert cache.measured.most == hits
    assert cache.agrees is True
    assert f"{cache.server_percent:.1f} %" in cache.verdict
    groups = {
        (group.label, group.value): group.hits for group in cache.groups if group.label == "group"
    }
    assert len(groups) == 6
    assert sum(one.reported or 0 for one in groups.values()) == hits
    if not blocks:
        assert [one.theory for one in groups.values()] == [one.reported for one in groups.values()]
    depths = [group.value for group in cache.groups if group.label == "depth"]
    assert depths == sorted(depths, key=int)
    assert cache.over_time is not None
    assert len(cache.over_time.theory) == len(cache.over_time.server)


def test_requests_in_flight_and_times(tokenizer: Path, tmp_path: Path) -> None:
    """Requests in flight at once: the truth lies between the bounds; times alone tell of hits."""
    with simulator(
        "--block-size", "16", "--prefill-ms", "0.2", "--ttft-ms", "2", "--cached-usage"
    ) as one:
        data = {
            "dataset": "synthetic",
            "rows": 80,
            "input": 200,
            "output": 4,
            "token_ids": False,
            "prefix": {"tokens": 176, "groups": 4, "hit_rate": 0.75},
        }
        load = {"shape": "poisson", "rate": 60, "warm_up": 0, "max_concurrency": 8}
        found = _load(one.url, tokenizer, data, load, tmp_path)
    cache = found.prefix_cache
    assert cache is not None
    assert cache.measured.reported is not None
    assert cache.measured.theory <= cache.measured.reported <= cache.measured.most
    assert cache.agrees is True
    split = cache.measured.inferred
    assert split is not None
    hit = cache.measured.hit_requests / cache.measured.requests
    assert split.low <= hit <= split.high
    assert split.slow_ms > 2 * split.fast_ms
    rows = {one.value: one.hits for one in cache.groups if one.label == "group"}
    assert rows["none"].theory == rows["none"].reported == 0
    assert rows["none"].inferred is None
    (label,) = [one for one in found.labels if one.name == "group"]
    assert {one.value for one in label.values} == set(rows)


def test_a_server_that_disagrees(tokenizer: Path, tmp_path: Path) -> None:
    """A warm cache has more than the load explains; one that is said to be larger, less."""
    data = {"dataset": "synthetic", "rows": 12, "input": 100, "output": 2, "token_ids": False}
    load = {"shape": "closed", "concurrency": 1, "warm_up": 0}
    with simulator("--block-size", "16") as one:
        first = _load(one.url, tokenizer, data, load, tmp_path / "first")
        result = _run(one.url, tokenizer, data, load, tmp_path / "again")
        (again,) = result.loads
    assert first.prefix_cache is not None and again.prefix_cache is not None
    assert first.prefix_cache.agrees is True
    assert again.prefix_cache.agrees is False
    assert "came from elsewhere" in again.prefix_cache.verdict
    assert "an earlier run sent them" in again.prefix_cache.causes[0]
    aisbench.summarize(result, "table", tmp_path / "table", {})
    (table,) = (tmp_path / "table").glob("*.txt")
    assert f"prefix cache: {again.prefix_cache.verdict}" in table.read_text("utf-8")
    for language, words in (("en", again.prefix_cache.verdict), ("zh", "个百分点另有来源")):
        aisbench.summarize(result, "html", tmp_path / language, {"language": language})
        page = (tmp_path / language / "report.html").read_text("utf-8")
        assert words in page
    # Another size of blocks, of the same recording.
    (other,) = aisbench.report(result, prefix_cache={"block_size": 32, "blocks": 5}).loads
    assert other.prefix_cache is not None
    assert (other.prefix_cache.block_size, other.prefix_cache.blocks) == (32, 5)
    assert other.prefix_cache.block_size_from == "setting"
    with pytest.raises(AisbenchError, match="kept by blocks of 16 tokens"):
        aisbench.report(result, prefix_cache={"block_size": 24})
    (other,) = aisbench.report(result, prefix_cache={"block_size": 128}).loads
    assert other.prefix_cache is not None
    assert other.prefix_cache.causes[0].startswith("the server says that its blocks have 16")
    with pytest.raises(AisbenchError, match="'size' is unknown"):
        aisbench.report(result, prefix_cache={"size": 32})
    with simulator("--block-size", "16", "--blocks", "3") as one:
        prefixed = {**data, "prefix": {"tokens": 64}}
        more = {**load, "prefix_cache": {"blocks": 10_000}}
        small = _load(one.url, tokenizer, prefixed, more, tmp_path / "small")
    assert small.prefix_cache is not None
    assert small.prefix_cache.agrees is False
    assert "points are missing" in small.prefix_cache.verdict


def test_drafts_by_position_and_kind(tokenizer: Path, tmp_path: Path) -> None:
    data = {
        "dataset": "synthetic",
        "rows": 24,
        "input": 120,
        "output": 30,
        "text": {"kinds": {"prose": 1, "code": 1}, "order": "blocks"},
    }
    with simulator(
        "--draft-tokens", "3", "--acceptance", "0.5,0.4", "--acceptance", "code=0.95",
        "--tpot-ms", "5",
    ) as one:  # fmt: skip
        load = {"shape": "closed", "concurrency": 2, "warm_up": 0}
        result = _run(one.url, tokenizer, data, load, tmp_path)
        (found,) = result.loads
        truth = _ask(one.url, "/simulator/stats")["speculative_decoding"]
    aisbench.summarize(result, "html", tmp_path / "page", {})
    page = (tmp_path / "page" / "report.html").read_text("utf-8")
    assert 'id="chart-load-1-acceptance-by-position"' in page
    drafts = found.speculation
    assert drafts is not None and drafts.label == "prompt kind"
    total = {key: sum(one.get(key, 0) for one in truth.values()) for key in truth["code"]}
    assert drafts.overall.drafts == total["drafts"]
    assert drafts.overall.acceptance_rate_percent == pytest.approx(
        100 * total["accepted_tokens"] / total["draft_tokens"]
    )
    assert drafts.overall.acceptance_by_position == {
        str(place): pytest.approx(total[f"position {place}"] / total["drafts"])
        for place in range(3)
    }
    kinds = {one.value: one for one in drafts.kinds}
    assert set(kinds) == {"code", "natural language"}
    for name, kind in kinds.items():
        mine = truth[name]
        # Events, one a step; what was accepted beyond max_tokens is in no event.
        steps = (kind.output_tokens - kind.requests) / mine["drafts"]
        assert kind.tokens_per_event == pytest.approx(steps)
        # Of the stretches in which it was alone in flight.
        assert kind.drafts is not None and 0 < kind.drafts <= mine["drafts"]
        assert kind.acceptance_rate_percent == pytest.approx(
            100 * mine["accepted_tokens"] / mine["draft_tokens"], abs=12
        )
    assert kinds["code"].tpot_ms is not None and kinds["natural language"].tpot_ms is not None
    # Half as long, but for a machine that has other work.
    assert kinds["code"].tpot_ms < kinds["natural language"].tpot_ms
    assert not drafts.note
