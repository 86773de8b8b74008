"""LoRA adapters: who answers what, and figures per adapter that are the simulator's truth."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from live import simulator

import aisbench
from aisbench.api import AisbenchError, LabelResult, PerformanceResult

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
SERVED = ("--adapter", "sql=60", "--adapter", "chat=30", "--adapter", "law=20", "--max-loras", "2")


def truth(url: str) -> Mapping[str, Any]:
    with urllib.request.urlopen(f"{url}/simulator/stats") as reply:
        found: Mapping[str, Any] = json.loads(reply.read())["adapters"]
    return found


def suite(url: str, datasets: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "suite": {"name": "adapters", "seed": 3, **more.pop("suite", {})},
        "models": {"m": {"backend": "vllm-chat", "url": url}},
        "datasets": {name: {"dataset": "gsm8k-demo", **one} for name, one in datasets.items()},
        **more,
    }


def label(found: PerformanceResult, name: str) -> LabelResult:
    (one,) = [one for one in found.labels if one.name == name]
    return one


def mean(found: LabelResult, value: str, metric: str) -> float:
    (one,) = [one for one in found.values if one.value == value]
    (statistics,) = [each for each in one.statistics if each.name == metric]
    return statistics.mean


def test_a_load_has_the_figures_of_each_adapter(tmp_path: Path) -> None:
    """One request after the other: counts, loads and cold starts are the server's, to the one."""
    share = {"sql": 2, "chat": 1, "law": 1, "": 1}
    with simulator(*SERVED, "--ttft-ms", "3") as one:
        result = aisbench.run(
            suite(
                one.url,
                {"d": {"adapters": {"share": share}, "generation": {"max_tokens": 4}}},
                suite={"mode": "performance"},
                load={
                    "shape": "closed", "concurrency": 1, "requests": 40, "warm_up": 2,
                    "scrape": True, "slo": {"ttft_ms": 15},
                },
            ),
            output=tmp_path,
        )  # fmt: skip
        server = truth(one.url)
    (found,) = result.loads
    adapters, starts = label(found, "adapter"), label(found, "adapter start")
    counts = {one.value: one.counts.total for one in adapters.values}
    assert set(counts) == {"(base)", "sql", "chat", "law"} and sum(counts.values()) == 40
    cold = sum(one.counts.total for one in starts.values if one.value.endswith("cold"))
    # The warm-up's two are the server's too, and in no figure.
    assert sum(server["requests"].values()) + counts["(base)"] in (40, 41, 42)
    assert 0 <= sum(server["cold"].values()) - cold <= 2
    (note,) = [one for one in found.notes if one.startswith("loads of adapters")]
    assert f"3 first uses, and {sum(server['loads'].values()) - 3} after a drop" in note
    assert "the server holds 2 at once" in note
    for name, load_ms in (("sql", 60), ("chat", 30), ("law", 20)):
        assert mean(starts, f"{name}, cold", "ttft") == pytest.approx(load_ms + 3, abs=12)
        assert mean(starts, f"{name}, warm", "ttft") < 15
    figures = {one.value: {each.name: each.value for each in one.figures} for one in starts.values}
    assert figures["sql, cold"]["slo_attainment"] == 0
    assert figures["sql, warm"]["slo_attainment"] > 0.8
    text = (result.path / "summary" / "summary.txt").read_text("utf-8")
    assert "sql, warm" in text and " adapter " in text


def test_accuracy_of_each_adapter_on_its_own_set_and_in_a_mix(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text(
        json.dumps({str(place): ("sql", "chat")[place % 2] for place in range(6)})
    )
    sets = {
        "own": {"adapter": "law", "limit": 4},
        "mapped": {"adapters": {"map": str(tmp_path / "map.json"), "rest": ""}, "limit": 10},
    }
    with simulator(*SERVED, "--answers", "gsm8k-demo") as one:
        result = aisbench.run(suite(one.url, sets), output=tmp_path / "runs")
        assert truth(one.url)["requests"] == {"law": 4, "sql": 3, "chat": 3}
        # What an adapter has answered is not asked again.
        aisbench.run(resume=result.path)
        assert sum(truth(one.url)["requests"].values()) == 10
        own, mapped = result.scores
        assert (own.adapter, mapped.adapter) == ("law", "")
        parts = {one.part: one.n for one in mapped.figures if one.name == "accuracy"}
        assert parts == {"": 10, "adapter (base)": 4, "adapter chat": 3, "adapter sql": 3}
        text = (result.path / "summary" / "summary.txt").read_text("utf-8")
        assert "{law}" in text
        page = (result.path / "summary" / "report.html").read_text("utf-8")
        assert 'id="adapters-table"' in page

        with pytest.raises(AisbenchError, match="does not serve the adapter 'lew'") as caught:
            aisbench.run(suite(one.url, {"d": {"adapter": "lew"}}), output=tmp_path / "runs")
        assert "did you mean 'law'?" in caught.value.hint
        with pytest.raises(AisbenchError, match="row 'test-6' has no adapter"):
            sets["mapped"]["adapters"] = {"map": str(tmp_path / "map.json")}
            aisbench.run(suite(one.url, sets), output=tmp_path / "runs")
        assert sum(truth(one.url)["requests"].values()) == 10
