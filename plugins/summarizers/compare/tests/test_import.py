"""`aisbench import`: a run of ours of the answers of others, their verdicts beside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import foreign_results as made
import pytest

import aisbench
from aisbench.api import AisbenchError, DataError, open_dataset
from aisbench_plugin_compare.foreign.importing import main
from aisbench_plugin_compare.foreign.reading import read_foreign


@pytest.fixture(scope="module")
def questions() -> list[str]:
    """Of the last rows of the demo, so that a row's number is not its place in the answers."""
    samples = list(open_dataset("gsm8k-demo").samples())[-3:]
    return [str(one.fields["question"]) for one in samples]


def imported(folder: Path, output: Path, *words: str) -> aisbench.RunResult:
    code = main(
        [str(folder), "--dataset", "gsm8k-demo", "--output", str(output),
         "--set", "suite.max_failed=1.0", *words]
    )  # fmt: skip
    assert code == 0
    (run,) = (output / "import-gsm8k-demo").iterdir()
    return aisbench.load_run(run)


@pytest.mark.not_quick
@pytest.mark.parametrize("make", [made.ais_bench, made.lm_eval])
def test_answers_find_their_rows_by_the_question(
    tmp_path: Path,
    questions: list[str],
    make: Callable[[Path, list[str]], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = imported(make(tmp_path / "in", questions), tmp_path / "out")
    texts = {one.sample.fields["question"]: one.answer for one in run.samples() if one.answer}
    assert texts[questions[0]] == made.TEXTS[0]
    assert run.scores[0].counts.asked == 28
    side = read_foreign(run.path / "imported", "theirs")
    assert side is not None
    assert side.tool == ("AISBench" if make is made.ais_bench else "lm-eval")
    assert [row.value for row in side.tasks[0].rows][:2] == [1.0, 0.0]
    about = json.loads((run.path / "imported" / "figures.json").read_text())
    assert about["schema"] == "aisbench-imported/1"
    assert Path(run.suite["models"][made.MODEL]["file"]).is_file()  # where a resumed run looks
    said = capsys.readouterr().out
    assert "judged differently" in said
    assert "aisbench compare" in said
    told = [
        line for line in said.splitlines() if line.startswith(("  aisbench: ", f"  {side.tool}: "))
    ]
    assert len(told) == 2 and all(line.endswith(" %") for line in told)


def test_answers_to_another_data_set(tmp_path: Path) -> None:
    made.ais_bench(tmp_path / "in")
    with pytest.raises(DataError, match="are to no row of gsm8k-demo") as error:
        main([str(tmp_path / "in"), "--dataset", "gsm8k-demo", "--output", str(tmp_path / "out")])
    assert "--path" in (error.value.hint or "")


def test_loads_are_no_answers(tmp_path: Path) -> None:
    made.vllm(tmp_path)
    with pytest.raises(DataError, match="vllm bench left requests of a load alone"):
        main([str(tmp_path), "--dataset", "gsm8k-demo"])


def test_several_data_sets_need_a_name(tmp_path: Path) -> None:
    made.ais_bench(tmp_path)
    file = tmp_path / "predictions" / made.MODEL / "sums.jsonl"
    (file.parent / "others.jsonl").write_text(file.read_text())
    with pytest.raises(DataError, match="answers to 2 data sets") as error:
        main([str(tmp_path), "--dataset", "gsm8k-demo"])
    assert "others, sums" in (error.value.hint or "")
    with pytest.raises(DataError, match="--task nothing"):
        main([str(tmp_path), "--dataset", "gsm8k-demo", "--task", "nothing"])


@pytest.mark.not_quick
def test_several_there_may_be_one_here(tmp_path: Path, questions: list[str]) -> None:
    folder = made.opencompass(tmp_path / "in", questions)
    place = folder / "predictions" / made.MODEL
    (place / "sums_0.json").rename(place / "sums-a.json")
    (place / "sums_1.json").rename(place / "sums-b.json")
    run = imported(folder, tmp_path / "out", "--task", "sums-*")
    assert run.scores[0].counts.failed == 25
    side = read_foreign(run.path / "imported", "theirs")
    assert side is not None
    assert [row.part for row in side.tasks[0].rows] == ["sums-a", "sums-a", "sums-b"]
    file = run.path / "imported" / "verdicts.jsonl"
    file.write_text("".join(f"{line}\n" for line in file.read_text().splitlines()[:-1]))
    with pytest.raises(DataError, match="3 answers were kept, and there are 2"):
        read_foreign(run.path / "imported", "x")


@pytest.mark.parametrize("words", [["--set", "nothing"], ["--settings", "missing.toml"]])
def test_wrong_words(tmp_path: Path, words: list[str]) -> None:
    made.ais_bench(tmp_path)
    with pytest.raises(AisbenchError, match=r"KEY=VALUE|cannot be read"):
        main([str(tmp_path), "--dataset", "gsm8k-demo", *words])
