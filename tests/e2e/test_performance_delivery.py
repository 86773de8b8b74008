"""Answers held back, empty, short or cut, over real sockets: each is told, none bends a figure."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
import tomli_w
from live import Project
from truth_load import read_summary, write_suite


def measured(project: Project, url: str, kinds: dict[str, int], **load: Any) -> dict[str, Any]:
    """The summary of a load of so many questions of each kind."""
    write_suite(
        project,
        url,
        [f"{kind} {kind}-{n}" for kind, count in kinds.items() for n in range(count)],
        model={"tokenizer": load.pop("tokenizer", "")},
        dataset={"generation": load.pop("generation", {})},
        **{
            "concurrency": 8,
            "slo": {"tpot_ms": 1000, "ttft_ms": 1000, "attainment": 0.9},
            **load,
        },
    )
    done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    return {**read_summary(project), "printed": done.out}


def figures(summary: dict[str, Any]) -> dict[str, float]:
    return {one["name"]: one["value"] for one in summary["populations"][0]["figures"]}


def statistics(summary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in summary["populations"][0]["statistics"]}


def test_a_gateway_that_holds_whole_answers_back(project: Project, truth_server: str) -> None:
    summary = measured(project, truth_server, {"whole": 24})
    found = statistics(summary)
    assert not found.keys() & {"tpot", "itl", "itl_read", "decode_token_throughput"}
    assert found["ttft"]["n"] == 24 and found["ttft"]["mean"] > 150
    assert summary["slo"]["holds"] is False
    assert figures(summary)["goodput"] == 0
    assert figures(summary)["total_output_tokens"] == 24 * 6
    assert "24 of 24 streams came in one piece" in summary["printed"]
    assert "client kept up" in summary["printed"] or "sent late" in summary["printed"]


@pytest.mark.slow  # the same with made-up recordings: core/tests/unit/metrics/test_delivery.py
def test_a_gateway_that_passes_on_some_events_at_once(project: Project, truth_server: str) -> None:
    summary = measured(project, truth_server, {"coarse": 24})
    assert (
        "24 of 24 streams came in coarse pieces, 3.0 events with each read" in (summary["printed"])
    )
    # 60 ms between two reads of three tokens each.
    assert statistics(summary)["itl_read"]["mean"] == pytest.approx(60, abs=15)


def test_empty_and_short_answers(project: Project, truth_server: str) -> None:
    summary = measured(
        project,
        truth_server,
        {"plain": 12, "empty": 12, "short": 12},
        generation={"ignore_eos": True, "max_tokens": 6},
    )
    counts = summary["counts"]
    assert (counts["success"], counts["empty"], counts["short"]) == (36, 12, 12)
    assert "12 of 36 answers were empty" in summary["printed"]
    assert "12 of 36 answers ended before the tokens that were demanded" in summary["printed"]
    found = statistics(summary)
    assert found["e2el"]["n"] == 24 and found["e2el"]["min"] > 60
    assert found["output_tokens"]["n"] == 36 and found["output_tokens"]["min"] == 0
    assert figures(summary)["slo_attainment"] == pytest.approx(24 / 36)
    text = next(project.path.glob("outputs/truth/*/performance/m/d/load/summary.json")).read_text()
    assert '"value": 96,' in text  # 12 · 6 + 12 · 2 tokens, and no 96.0


@pytest.mark.slow  # the same with made-up recordings: core/tests/unit/metrics/test_delivery.py
def test_answers_that_may_end_are_not_called_short(project: Project, truth_server: str) -> None:
    summary = measured(
        project, truth_server, {"plain": 12, "short": 12}, generation={"max_tokens": 6}
    )
    assert "short" not in summary["counts"]
    assert "demanded" not in summary["printed"]
    assert "12 answers shorter than asked for" in summary["printed"]


@pytest.mark.alone
def test_what_the_end_of_a_load_cuts_was_brought_all_the_same(
    project: Project, truth_server: str
) -> None:
    """8 streams of a token each 20 ms without a pause; answers take 1.6 s, the load 2.4 s."""
    summary = measured(project, truth_server, {"long": 60}, duration=2.4, grace=0)
    counts = summary["counts"]
    assert (counts["success"], counts["cancelled"]) == (8, 8)
    found = figures(summary)
    with urllib.request.urlopen(f"{truth_server}/log", timeout=10) as reply:
        log = [json.loads(line) for line in reply.read().splitlines()]
    begin = min(row["arrival"] for row in log)
    until = begin + found["benchmark_duration"] * 1e9
    came = sum(time <= until for row in log for time in row["times"])
    # The last token of each stream may lie on this or that side of the cut.
    assert found["total_output_tokens"] == pytest.approx(came, abs=2 * 8)
    assert found["output_token_throughput"] == pytest.approx(
        came / found["benchmark_duration"], rel=0.03
    )
    assert "8 requests were cut at the end" in summary["printed"]
    # 0.8 s with 8 in flight tell no rate of answers that take 1.6 s.
    (full,) = [one for one in summary["populations"] if one["name"] == "full-concurrency"]
    assert full["note"].startswith("too little to tell") and "figures" not in full


def test_more_requests_than_the_schedule_has(project: Project, truth_server: str) -> None:
    project.write(
        "trace.jsonl",
        "".join(
            json.dumps({"at_ms": at, "input_tokens": 5, "output_tokens": 4}) + "\n"
            for at in (0, 100)
        ),
    )
    project.write(
        "s.toml",
        tomli_w.dumps(
            {
                "suite": {"name": "came", "mode": "performance"},
                "models": {"m": {"backend": "vllm-chat", "url": truth_server, "model": "m"}},
                "datasets": {"d": {"dataset": "trace", "path": "trace.jsonl", "unit": "words"}},
                "load": {"shape": "trace", "warm_up": 0, "requests": 5},
            }
        ),
    )
    done = project.run("run", "s.toml")
    assert "load.requests = 5, and the schedule has 2: no more were sent" in done.out
    assert "loop = true" in done.out


@pytest.mark.parametrize("template", [True, False])
def test_prompts_of_chats_are_compared_as_the_server_counts_them(
    project: Project, truth_server: str, template: bool
) -> None:
    """The server counts 11 tokens; the words are 2, the template adds 9."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    folder = project.path / "model"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    if template:
        source = "{% for m in messages %}a b c d {{ m.content }} e f{% endfor %} g h i"
        (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": source}))
    summary = measured(project, truth_server, {"plain": 12}, tokenizer=str(folder))
    table = summary["ledger"]["input"]
    assert table["server"]["total"] == 12 * 11
    assert table["server_tokenizer_differ"] == 0
    assert table["server_tokenizer_compared"] == (12 if template else 0)
    assert "DISAGREE" not in summary["printed"]
    assert ("compared with nothing" in summary["printed"]) is not template
    assert summary["ledger"]["output"]["server_tokenizer_compared"] == 12
