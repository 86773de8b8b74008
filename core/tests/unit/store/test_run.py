"""The run directory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import AisbenchError, StoreError
from aisbench.store.earlier import begin_results, recover_results, replace_results
from aisbench.store.locking import locked
from aisbench.store.run import (
    RunFolder,
    create_run,
    latest_run,
    open_run,
    read_json,
    read_tables,
    write_json,
    write_suite,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir()
    return folder


def test_two_runs_in_one_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import aisbench.store.run as module

    monkeypatch.setattr(module.time, "strftime", lambda _: "20261120_153000")
    made = [create_run(tmp_path / "out", "nightly").path for _ in range(3)]
    parent = tmp_path / "out" / "nightly"
    assert made == [
        parent / "20261120_153000",
        parent / "20261120_153000-1",
        parent / "20261120_153000-2",
    ]
    assert all(path.is_dir() for path in made)


def test_names_are_times(tmp_path: Path) -> None:
    assert re.fullmatch(r"\d{8}_\d{6}", create_run(tmp_path, "n").path.name)


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="no run directory can be made there") as caught:
        create_run(tmp_path / "file", "n")
    assert "suite.output" in caught.value.hint


def test_the_latest_run_that_has_a_suite(tmp_path: Path) -> None:
    with pytest.raises(AisbenchError, match="there is no run to resume"):
        latest_run(tmp_path, "n")
    for name in ("20261120_153000", "20261121_000000", "20261120_153000-1"):
        path = tmp_path / "n" / name
        path.mkdir(parents=True)
        (path / "suite.toml").touch()
    (tmp_path / "n" / "20270101_000000").mkdir()
    assert latest_run(tmp_path, "n").path.name == "20261121_000000"


def test_the_latest_of_many_runs_in_one_second(tmp_path: Path) -> None:
    for suffix in ("", *(f"-{number}" for number in range(1, 11))):
        path = tmp_path / "n" / f"20261120_153000{suffix}"
        path.mkdir(parents=True)
        (path / "suite.toml").touch()
    assert latest_run(tmp_path, "n").path.name == "20261120_153000-10"


def test_open_run(run: RunFolder) -> None:
    with pytest.raises(AisbenchError, match="is not a run directory"):
        open_run(run.path)
    write_suite(run, {"suite": {"name": "n"}})
    assert open_run(run.path) == run
    assert read_tables(run.suite) == {"suite": {"name": "n"}}


def paths_of(run: RunFolder, tasks: list[tuple[str, str]]) -> list[Path]:
    """Every file that tasks have."""
    return [
        path
        for model, dataset in tasks
        for path in (
            run.samples(f"{model}-{dataset}"),
            run.predictions(model, dataset),
            run.stale(model, dataset),
            run.result(model, dataset),
            run.scores(model, dataset),
        )
    ]


def test_no_two_tasks_share_a_file(run: RunFolder) -> None:
    paths = paths_of(run, [("m", "a"), ("m", "b"), ("a", "m"), ("m", "a.jsonl")])
    paths += [run.suite, run.environment, run.log, run.summary, run.results]
    assert len(set(paths)) == len(paths)
    assert all(path.is_relative_to(run.path) for path in paths)


def test_no_two_tasks_share_a_file_whatever_they_are_called(run: RunFolder) -> None:
    paths = paths_of(run, [("m", "a"), ("m", "a.stale"), ("m", "a.scores")])
    assert len(set(paths)) == len(paths)


TAKE = """
import sys
from pathlib import Path
from aisbench.base.errors import AisbenchError
from aisbench.store.locking import locked
from aisbench.store.run import RunFolder
try:
    with locked(RunFolder(Path(sys.argv[1]))):
        print("taken")
except AisbenchError as error:
    print(error.message)
"""


def taken_elsewhere(run: RunFolder) -> str:
    """What another process says when it wants the run."""
    made = subprocess.run(
        [sys.executable, "-c", TAKE, str(run.path)], capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    return made.stdout.strip()


def test_a_run_is_held_by_one_process(run: RunFolder) -> None:
    with locked(run):
        message = f"{run.path}: another aisbench process is working there"
        assert taken_elsewhere(run) == message
        with pytest.raises(AisbenchError, match="another aisbench process"), locked(run):
            raise AssertionError
    assert taken_elsewhere(run) == "taken"


def test_the_lock_goes_with_an_exception_too(run: RunFolder) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(KeyError), locked(run):
            raise KeyError
    with locked(run), pytest.raises(AisbenchError), locked(run):
        pass
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_run_that_is_gone_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"), locked(RunFolder(tmp_path / "x")):
        pass


def test_json_and_toml_documents(run: RunFolder) -> None:
    value: dict[str, Any] = {"a": [1, None, "ü"], "b": {"c": 1.5}}
    write_json(run.environment, value)
    assert read_json(run.environment) == value
    assert run.environment.read_bytes().endswith(b"}\n")
    run.environment.write_text("{")
    with pytest.raises(StoreError, match=r"environment\.json:1: cannot be read"):
        read_json(run.environment)
    run.suite.write_text("[")
    with pytest.raises(StoreError, match=r"suite\.toml: cannot be read"):
        read_tables(run.suite)
    with pytest.raises(StoreError, match="cannot be read"):
        read_tables(run.path / "absent.toml")


def test_a_suite_that_is_not_utf8(run: RunFolder) -> None:
    run.suite.write_bytes(b'a = "\xff"')
    with pytest.raises(StoreError):
        read_tables(run.suite)


def put(run: RunFolder, number: int) -> None:
    """Results as an evaluation makes them."""
    staged = begin_results(run)
    write_json(staged.result("m", "d"), {"number": number})
    staged.scores("m", "d").write_text("x")
    replace_results(run, staged)


def test_results_are_set_aside_by_number(run: RunFolder) -> None:
    for number in range(1, 5):
        put(run, number)
        assert read_json(run.result("m", "d"))["number"] == number
    earlier = run.path / "earlier"
    assert sorted(path.name for path in earlier.iterdir()) == ["001", "002", "003"]
    for number in (1, 2, 3):
        moved = earlier / f"00{number}" / "m"
        assert sorted(path.name for path in moved.iterdir()) == ["d.json", "d.scores.jsonl"]
        assert read_json(moved / "d.json")["number"] == number


def test_results_stay_until_new_ones_are_whole(run: RunFolder) -> None:
    put(run, 1)
    staged = begin_results(run)
    write_json(staged.result("m", "d"), {"number": 2})
    # Killed here: what was begun is dropped.
    recover_results(run)
    assert read_json(run.result("m", "d"))["number"] == 1
    assert [path.name for path in run.path.iterdir()] == ["results"]


@pytest.mark.parametrize("moved", [False, True])
def test_results_that_were_whole_take_their_place(run: RunFolder, moved: bool) -> None:
    """A kill between the renames."""
    put(run, 1)
    staged = begin_results(run)
    write_json(staged.result("m", "d"), {"number": 2})
    staged.results.rename(run.path / ".results.ready")
    if moved:
        (run.path / "earlier").mkdir()
        run.results.rename(run.path / "earlier" / "001")
    recover_results(run)
    assert read_json(run.result("m", "d"))["number"] == 2
    assert read_json(run.path / "earlier" / "001" / "m" / "d.json")["number"] == 1


def test_results_of_a_model_called_earlier(run: RunFolder) -> None:
    staged = begin_results(run)
    write_json(staged.result("earlier", "d"), {})
    replace_results(run, staged)
    assert run.result("earlier", "d").exists()
