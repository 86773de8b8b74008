"""`aisbench probe`: whether the same question gets the same answer, alone and beside others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batching_server import batching_server

import aisbench
from aisbench.api import AisbenchError, DataError, wording
from aisbench_plugin_compare.foreign.flips import FlipRate, Flips, ProbedTask
from aisbench_plugin_compare.foreign.neighbours import Neighbours
from aisbench_plugin_compare.foreign.probing import main, probe_lines, verdict

ENGLISH = wording("aisbench_plugin_compare.foreign", "en")


def suite(folder: Path, url: str) -> Path:
    file = folder / "suite.toml"
    file.write_text(
        f"""
        [suite]
        name = "p"
        [models.m]
        backend = "openai-chat"
        url = "{url}"
        stream = false
        [models.other]
        backend = "answers"
        file = "answers.jsonl"
        [datasets.gsm8k-demo]
        dataset = "gsm8k-demo"
        repeats = 3
        [datasets.others]
        dataset = "gsm8k-demo"
        """
    )
    return file


def probe(source: Path, folder: Path, *words: str) -> dict[str, object]:
    report = folder / "probe.json"
    code = main(
        [str(source), "--model", "m", "--dataset", "gsm8k-demo", "--rows", "6",
         "--concurrency", "6", "--json", str(report), "--output", str(folder / "out"), *words]
    )  # fmt: skip
    assert code == 0
    found: dict[str, object] = json.loads(report.read_text())
    return found


@pytest.mark.not_quick
@pytest.mark.alone  # the others have to be in flight within 30 ms
def test_a_server_that_answers_otherwise_beside_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with batching_server() as url:
        found = probe(suite(tmp_path, url), tmp_path)
        said = capsys.readouterr().out
        assert "deterministic one at a time, and not with 6 at once" in said
        assert "score alone-1: 0.0 %" in said
        (task,) = found["tasks"]  # type: ignore[misc]
        assert (task["rows"], task["failed"]) == (6, 0)
        alone, beside, together = task["flips"]
        assert beside["against"] == "beside"
        assert beside["text"]["flips"] >= 3  # the others may all be over at one moment
        assert (alone["against"], alone["text"]["flips"]) == ("alone", 0)
        assert together["text"]["flips"] >= 5  # the last one may be asked alone
        runs = found["runs"]
        assert list(runs) == [  # type: ignore[call-overload]
            "alone-1", "alone-2", "beside-1", "together-1", "together-2",
        ]  # fmt: skip
        first = aisbench.load_run(runs["alone-1"][0])  # type: ignore[index]
        assert first.suite["models"]["m"]["generation"]["temperature"] == 0
        asked = [
            sorted(one.sample.id for one in aisbench.load_run(paths[0]).samples())
            for paths in runs.values()  # type: ignore[attr-defined]
        ]
        assert asked == [asked[0]] * 5
        # The same of a run instead of its suite: other rows are asked of it, once each.
        again = probe(first.path, tmp_path, "--rows", "3", "--repeats", "1", "--no-neighbours")
        assert again["tasks"][0]["rows"] == 3  # type: ignore[index]
        assert len(again["runs"]) == 2  # type: ignore[arg-type]


# -- in words


def flips(against: str, text: int, verdicts: int) -> Flips:
    def rate(count: int) -> FlipRate:
        found = FlipRate.of([number < count for number in range(50)])
        assert found is not None
        return found

    return Flips(
        against=against,  # type: ignore[arg-type]
        passes=1,
        text=rate(text),
        verdict=rate(verdicts),
    )


def task(*found: Flips, **more: int) -> ProbedTask:
    return ProbedTask(
        model="m",
        dataset="d",
        rows=50,
        failed=more.pop("failed", 0),
        flips=found,
        scores={},
        **more,
    )


@pytest.mark.parametrize(
    ("alone", "together", "said"),
    [
        ((0, 0), (0, 0), "deterministic as far as 50 rows show: no text changed, alone or 8 at"),
        ((0, 0), (4, 1), "deterministic one at a time, and not with 8 at once: 4 of 50 rows got"),
        ((3, 0), (4, 0), "not deterministic: asked one at a time, 3 of 50 rows got another text"),
        (None, (4, 0), "one at a time and with 8 at once differ: 4 of 50 rows got another text"),
    ],
)
def test_the_verdict(alone: tuple[int, int] | None, together: tuple[int, int], said: str) -> None:
    found = [] if alone is None else [flips("alone", *alone)]
    found.append(flips("together", *together))
    text = verdict(ENGLISH, task(*found), 8)
    assert text.startswith(said)
    if together[0]:
        changed = "1 verdicts changed with them" if together[1] else "no verdict changed"
        assert changed in text
    else:
        assert "at most 7.1 % of all rows do, at 95 %" in text


def test_the_verdict_beside_others() -> None:
    found = task(flips("alone", 0, 0), flips("beside", 3, 0), flips("together", 0, 0))
    assert verdict(ENGLISH, found, 8).startswith(
        "deterministic one at a time, and not beside 7 others: 3 of 50 rows got"
    )
    same = task(flips("alone", 0, 0), flips("beside", 0, 0), flips("together", 0, 0))
    # There are no more than 50 rows: so many of them cannot be in flight at once.
    assert "alone, beside 99 others or 50 at once" in verdict(ENGLISH, same, 100)


@pytest.mark.not_quick
def test_neighbours_that_cannot_be(tmp_path: Path) -> None:
    tables = {
        "models": {
            "m": {"backend": "openai-chat", "url": "http://127.0.0.1:9", "wait_for_server": "0s"},
            "other": {"backend": "answers", "file": "answers.jsonl"},
        },
        "datasets": {"d": {"dataset": "gsm8k-demo"}},
    }
    wish = Neighbours(
        source=tmp_path, tables=tables, model="m", dataset="d", count=2, temperature=0.0,
        overrides={"models.other.file": "x"},
    )  # fmt: skip
    with pytest.raises(DataError, match="the other requests beside m ended: "), wish.kept():
        raise AssertionError("nothing is in flight")


def test_what_else_is_told() -> None:
    lines = list(
        probe_lines(ENGLISH, task(flips("together", 0, 0), failed=2, changed_prompts=1), 8)
    )
    assert any("2 rows failed in a pass" in line for line in lines)
    assert any("1 rows had another prompt" in line for line in lines)
    nothing = list(probe_lines(ENGLISH, task(failed=50), 8))
    assert "nothing can be said" in nothing[0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--rows", "0"], "--rows 0: must be at least 1"),
        (["--concurrency", "1"], "--concurrency 1: must be at least 2"),
        (["--temperature", "hot"], "--temperature hot: must be a number, or 'suite'"),
        (["--model", "x"], "--model x: .* has none of that name"),
        (["--set", "x"], "--set x: must be KEY=VALUE"),
    ],
)
def test_wrong_words(tmp_path: Path, words: list[str], said: str) -> None:
    file = suite(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(AisbenchError, match=said):
        main([str(file), "--model", "m", *words])


def test_a_source_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such run or suite"):
        main([str(tmp_path / "missing")])
    broken = tmp_path / "suite.toml"
    broken.write_text("[suite")
    with pytest.raises(DataError, match="is not valid TOML"):
        main([str(broken)])


def test_a_model_that_is_no_server(tmp_path: Path) -> None:
    file = tmp_path / "suite.toml"
    file.write_text(
        """
        [models.m]
        backend = "answers"
        file = "answers.jsonl"
        [datasets.gsm8k-demo]
        dataset = "gsm8k-demo"
        """
    )
    with pytest.raises(DataError, match=r"models\.m: answers is no server"):
        main([str(file)])
