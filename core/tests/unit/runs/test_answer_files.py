"""Runs of a folder, and single answers by their places."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from stored_run import stored_run

import aisbench
from aisbench import AisbenchError, DamageError
from aisbench.store.journal import placed_rows


def places(path: Path, key: str = "sample") -> dict[str, int]:
    """Where the row of each sample begins."""
    return {row[key]: at for row, at, _ in placed_rows(path)}


def test_an_answer_by_its_places_is_that_which_samples_gives(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 9, models=("a", "b"))
    found = aisbench.answer_files(run)
    assert [(one.model, one.dataset, one.load) for one in found] == [
        ("a", "math", ""), ("b", "math", ""),
    ]  # fmt: skip
    for one in found:
        answers, scores = places(one.answers), places(one.scores)
        samples = places(one.samples, "id")
        for expected in aisbench.load_run(run).samples(model=one.model):
            name = expected.sample.id
            where = ([answers[name]], samples[name])
            assert one.read(*where, scores[name], repeat=0) == expected
            unscored = one.read(*where, repeat=0)
            assert (unscored.score, unscored.response) == (None, expected.response)


def test_places_of_an_earlier_file_are_told(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    (one,) = aisbench.answer_files(run)
    at, samples = places(one.answers), places(one.samples, "id")
    with pytest.raises(DamageError, match="another sample"):
        one.read([at["test-1"]], samples["test-2"], repeat=0)
    with pytest.raises(DamageError, match="is damaged"):
        one.read([at["test-1"] + 7], samples["test-1"], repeat=0)
    one.answers.unlink()
    with pytest.raises(DamageError, match="cannot be read"):
        one.read([0], samples["test-1"], repeat=0)


def test_attempts_that_broke_are_kept_with_the_answer(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 1)
    (one,) = aisbench.answer_files(run)
    row = one.answers.read_bytes().rstrip()
    broken = (
        b'{"url":"http://a","timing":{"dispatched":1},"fault":{"kind":"http","message":"503"}}'
    )
    one.answers.write_bytes(row[:-1] + b',"failures":[' + broken + b"]}\n")
    (answer,) = aisbench.load_run(run).samples()
    assert [(one.url, one.fault.message) for one in answer.failures] == [("http://a", "503")]


def test_what_a_judge_said_is_kept_with_the_answer(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 2)
    (one,) = aisbench.answer_files(run)
    row = orjson.loads(one.answers.read_bytes().splitlines()[0])
    said = [("test-1#0#1", 0, "no"), ("test-1#0#0", 1, "yes"), ("test-1#0#0", 0, None),
            ("test-1#0#0", 0, "hm"), ("test-1#0#0", 0, "again")]  # fmt: skip
    one.judgements.parent.mkdir(parents=True)
    with one.judgements.open("wb") as file:
        for name, turn, text in said:
            response = {"text": text} if text else {"fault": {"kind": "http", "message": "503"}}
            file.write(orjson.dumps({**row, "sample": name, "turn": turn, "response": response}))
            file.write(b"\n")
    first, second = aisbench.load_run(run).samples()
    assert first.judgements == ()
    texts = [(it.number, [turn.text for turn in it.responses]) for it in second.judgements]
    assert texts == [(0, ["hm", "yes"]), (1, ["no"])]
    place = places(one.judgements)["test-1#0#1"]
    answers, samples = places(one.answers), places(one.samples, "id")
    (judgement,) = one.read(
        [answers["test-1"]], samples["test-1"], repeat=0, judged_at=[place]
    ).judgements
    assert judgement == second.judgements[1]
    with pytest.raises(DamageError, match="judgement of another answer"):
        one.read([answers["test-0"]], samples["test-0"], repeat=0, judged_at=[place])


def test_runs_of_a_folder_are_found_the_newest_first(tmp_path: Path) -> None:
    made = [
        stored_run(tmp_path / place, 1)
        for place in ("a/20260102_000000", "b/20260103_000000", "deep/er/20260101_000000")
    ]
    stored_run(tmp_path / ".hidden" / "20260104_000000", 1)
    stored_run(made[0] / "copy" / "20260105_000000", 1)  # what lies in a run is its own
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "empty").mkdir()
    assert list(aisbench.find_runs(tmp_path)) == [made[1], made[0], made[2]]
    assert list(aisbench.find_runs(made[0])) == [made[0]]
    with pytest.raises(OSError):
        list(aisbench.find_runs(tmp_path / "nowhere"))


def test_a_run_that_is_not_verified_is_read_all_the_same(tmp_path: Path) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    (run / "seals.json").write_text(
        '{"schema": 1, "files": {"results/qwen/math.json": {"bytes": 1, "rows": 0, "crc32": 0}}}'
    )
    with pytest.raises(DamageError):
        aisbench.load_run(run)
    assert aisbench.load_run(run, verify=False).figure("accuracy").n == 3
    (run / "suite.toml").unlink()
    with pytest.raises(AisbenchError, match="is not a run directory"):
        aisbench.answer_files(run)
