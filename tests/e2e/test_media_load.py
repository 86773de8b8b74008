"""Loads of pictures, sounds and films: what a server that decodes them counts is what the plan
says, and what the figures say."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from live import simulator

import aisbench
from aisbench_plugin_synthetic.media_plan import plan_media
from aisbench_plugin_synthetic.media_settings import MediaLoad, MediaMix

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
ROWS = 30
MIX: list[dict[str, Any]] = [
    {"share": 50},
    {"share": 30, "pictures": 2, "width": 300, "height": 200, "place": "between", "noise": 0.9},
    {"share": 20, "films": 1, "sounds": 1, "width": 64, "height": 48, "seconds": 1.0, "fps": 8.0},
]


def test_what_was_planned_is_what_was_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("av")
    pytest.importorskip("PIL")
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path / "data"))
    suite = {
        "suite": {"name": "load", "mode": "performance", "seed": 3},
        "datasets": {
            "work": {
                "dataset": "synthetic", "unit": "words", "rows": ROWS, "input": 12, "output": 3,
                "media": {"mix": MIX, "repeats": 0.5},
            }
        },
        "load": {"shape": "closed", "concurrency": 3, "requests": ROWS, "warm_up": 0},
    }  # fmt: skip
    with simulator("--ttft-ms", "1") as one:
        suite["models"] = {"one": {"backend": "vllm-chat", "url": one.url}}
        result = aisbench.run(suite, output=tmp_path / "out")
        with urllib.request.urlopen(f"{one.url}/simulator/stats") as reply:
            seen = json.loads(reply.read())["media"]

    load = MediaLoad(mix=tuple(MediaMix(**kind) for kind in MIX), repeats=0.5)
    plan = plan_media(load, ROWS, 0)
    shown = [content for held in plan.places for content in held.contents]
    planned = {
        kind: sum(one.kind == kind for one in shown) for kind in ("image", "video", "audio")
    }
    assert planned == {"image": 18, "video": 6, "audio": 6}
    assert {kind: seen[kind]["items"] for kind in planned} == planned
    assert [seen[kind]["refused"] for kind in planned] == [0, 0, 0]
    assert len(plan.contents) == 9 + 3 + 3

    (found,) = result.loads
    labels = {one.name: {two.value: two for two in one.values} for one in found.labels}
    assert {name: one.counts.total for name, one in labels["modality"].items()} == {
        "text": 15, "picture": 9, "sound + film": 6,
    }  # fmt: skip
    assert set(labels["size"]) == {"text", "2 pictures 300x200", "1 sound 1 s, 1 film 1 s 64x48"}
    figures = {one.name: one.value for one in found.populations[0].figures}
    assert figures["total_pictures"] == 18
    assert figures["total_megapixels"] == pytest.approx(18 * 0.06)
    assert (figures["total_film_frames"], figures["total_film"]) == (48, 6)
    assert figures["total_audio"] == 6
    assert figures["picture_throughput"] > 0

    (path,) = (tmp_path / "out").rglob("requests.parquet")
    table = pyarrow.parquet.read_table(path).to_pylist()
    sizes = sum(one[kind] for one in seen.values() for kind in ("bytes",))
    uploaded = sum(one["uploaded"] for one in table if one["label.modality"] != "text")
    assert sizes * 4 / 3 < uploaded < sizes * 4 / 3 + 15 * 2000  # base64, heads and texts
    media = path.parents[4] / "media"
    kept = [one for one in media.iterdir() if one.is_file()]
    assert len(kept) == len(plan.contents)
