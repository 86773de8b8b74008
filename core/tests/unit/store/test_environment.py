"""What a run was made with."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import aisbench
from aisbench.store.environment import (
    Environment,
    changes,
    checksum,
    checksums,
    libraries,
    read_sessions,
    record_complete,
    record_end,
    record_session,
    recorded_complete,
    with_core,
)
from aisbench.store.run import RunFolder, read_json
from aisbench.store.seals import seal, verify


def environment(plugins: dict[str, str], **data: dict[str, str]) -> Environment:
    return Environment(plugins=plugins, data=data)


def file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"", b"abc", b"x" * (2**20 + 1)])
def test_checksum(tmp_path: Path, content: bytes) -> None:
    path = file(tmp_path / "f", content)
    assert checksum(path) == hashlib.sha256(content).hexdigest()


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    train = file(tmp_path / "train" / "a.jsonl", b"1")
    test = file(tmp_path / "test" / "a.jsonl", b"2")
    other = file(tmp_path / "b.jsonl", b"3")
    made = checksums([train, test, other])
    assert made == {
        "train/a.jsonl": checksum(train),
        "test/a.jsonl": checksum(test),
        "b.jsonl": checksum(other),
    }


def test_no_file_is_lost(tmp_path: Path) -> None:
    files = [file(tmp_path / one / "data" / "a.jsonl", one.encode()) for one in "xyz"]
    assert len(checksums(files)) == 3


def test_core_is_among_the_versions() -> None:
    made = with_core({"b": "2", "a": "1"})
    assert list(made.items()) == [("aisbench", aisbench.__version__), ("a", "1"), ("b", "2")]


def test_sessions_are_counted_and_kept(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert read_sessions(run) == ()
    words = ["run", "s.toml"]
    assert record_session(run, environment({"p": "1"}, d={"f": "a"}), 7, words) == 1
    record_end(run)
    record_complete(run, complete=True)
    assert recorded_complete(run)
    assert record_session(run, environment({"p": "2"}, d={"f": "b"}), 7, []) == 2
    document: Any = read_json(run.environment)
    assert document["schema"] == 1
    assert document["seed"] == 7
    assert document["plugins"] == {"p": "2"}
    assert document["data"] == {"d": {"f": "b"}}
    assert [one["plugins"] for one in document["sessions"]] == [{"p": "1"}, {"p": "2"}]
    assert document["sessions"][0]["arguments"] == ["run", "s.toml"]
    first, second = (one["clock_ns"] for one in document["sessions"])
    assert 0 < first < second
    begun, going_on = read_sessions(run)
    assert begun.started <= begun.ended
    assert begun.arguments == ("run", "s.toml")
    assert begun.host["cpus"] == document["sessions"][0]["host"]["cpus"]
    assert going_on.ended == ""
    assert not recorded_complete(run)  # until it is noted of what that session does
    record_end(run)
    assert read_sessions(run)[1].ended
    assert read_sessions(run)[0] == begun


def test_changes_since_the_last_session(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    now = environment({"p": "1", "q": "1"}, d={"f": "a", "g": "b"})
    assert changes(run, now) == []
    record_session(run, now, 0, [])
    assert changes(run, now) == []
    later = environment({"p": "2", "q": "1", "r": "3"}, d={"f": "a", "g": "c"}, e={"x": "y"})
    assert changes(run, later) == [
        "p: version 1 -> 2",
        "r: version absent -> 3",
        "data of d: g has other content",
    ]
    record_session(run, later, 0, [])
    assert changes(run, later) == []


@pytest.mark.parametrize("files", [{"f": "a", "new": "b"}, {}])
def test_files_that_came_or_went(tmp_path: Path, files: dict[str, str]) -> None:
    run = RunFolder(tmp_path)
    record_session(run, environment({}, d={"f": "a"}), 0, [])
    assert changes(run, environment({}, d=files))


def test_models_and_libraries_are_recorded_where_a_model_runs_here(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    record_session(run, environment({"aisbench": "1"}), 1, [])
    assert "libraries" not in read_json(run.environment)

    def local(torch: str, config: str) -> Environment:
        return Environment(
            plugins={"aisbench": "1"},
            data={},
            models={"m": {"config.json": config}},
            libraries={"torch": torch, "aisbench": "1"},
        )

    record_session(run, local("2.12", "aa"), 1, [])
    assert read_json(run.environment)["libraries"]["torch"] == "2.12"
    assert changes(run, local("2.12", "aa")) == []
    assert changes(run, local("2.13", "bb")) == [
        "torch: version 2.12 -> 2.13",
        "model m: config.json has other content",
    ]


def test_everything_that_is_installed_is_listed() -> None:
    found = libraries()
    assert found["numpy"]
    assert list(found) == sorted(found, key=str.lower)


def test_what_is_noted_later_is_unsealed_first(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    record_session(run, environment({}), 0, [])
    seal(run, {})
    record_complete(run, complete=False)
    verify(run)
    record_complete(run, complete=True)
    verify(run)  # killed here, nothing is told of as damage
    assert "environment.json" not in read_json(tmp_path / "seals.json")["files"]
