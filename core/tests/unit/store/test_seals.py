"""Damage to a run directory is told, with its file and line; what a run does itself is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench.base.errors import DamageError, ExitCode
from aisbench.store.journal import Journal
from aisbench.store.locking import locked
from aisbench.store.run import RunFolder, write_json
from aisbench.store.seals import seal, unseal, verify


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run as a session leaves it."""
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    with locked(run):
        run.suite.write_text("[suite]\nname = 'x'\n")
        write_json(run.environment, {"seed": 1})
        for name in ("a", "b"):
            run.samples(name).parent.mkdir(exist_ok=True)
            run.samples(name).write_bytes(b'{"id":"1"}\n{"id":"2"}\n')
            journal = Journal(run.predictions("m", name))
            for number in range(5):
                journal.append(b'{"key":"%s%d"}\n' % (name.encode(), number))
            journal.close()
            write_json(run.result("m", name), {"dataset": name})
            run.scores("m", name).write_bytes(b'{"sample":"1"}\n')
        run.load("m", "a", "c=1").mkdir(parents=True)
        write_json(run.load("m", "a", "c=1") / "load.json", {"state": "finished"})
        (run.load("m", "a", "c=1") / "requests.parquet").write_bytes(b"PAR1")
    return run


def edit(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


DAMAGES: dict[str, tuple[str, Callable[[RunFolder], None], str]] = {
    "a line in the middle": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data.replace(b'"a2"', b'"a2')),
        "predictions/m/a.jsonl:3: is damaged: unexpected control character",
    ),
    "zeros in the middle": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data[:20] + bytes(9) + data[29:]),
        "predictions/m/a.jsonl:2: is damaged",
    ),
    "a journal cut between rows": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data[:-13]),
        "predictions/m/a.jsonl: is cut: it holds 52 of 65 bytes (4 of 5 lines)",
    ),
    "a journal cut within a row": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data[:-3]),
        "predictions/m/a.jsonl: is cut: it holds 62 of 65 bytes",
    ),
    "a line removed, and others added": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data[13:] + data[13:]),
        "predictions/m/a.jsonl: was changed since the run wrote it",
    ),
    "another answer": (
        "predictions/m/a.jsonl",
        lambda run: edit(run.predictions("m", "a"), lambda data: data.replace(b"a3", b"a9")),
        "predictions/m/a.jsonl: was changed since the run wrote it",
    ),
    "swapped journals": (
        "predictions/m/a.jsonl",
        lambda run: swap(run.predictions("m", "a"), run.predictions("m", "b")),
        "predictions/m/a.jsonl: holds what predictions/m/b.jsonl held: were they swapped?",
    ),
    "swapped results": (
        "results/m/a.json",
        lambda run: swap(run.result("m", "a"), run.result("m", "b")),
        "results/m/a.json: holds what results/m/b.json held: were they swapped?",
    ),
    "a journal that is gone": (
        "predictions/m/b.jsonl",
        lambda run: run.predictions("m", "b").unlink(),
        "predictions/m/b.jsonl: is missing",
    ),
    "samples that are gone": (
        "samples/a.jsonl",
        lambda run: run.samples("a").unlink(),
        "samples/a.jsonl: is missing",
    ),
    "a sample that is gone": (
        "samples/a.jsonl",
        lambda run: edit(run.samples("a"), lambda data: data[:11]),
        "samples/a.jsonl: is cut: it holds 11 of 22 bytes (1 of 2 lines)",
    ),
    "scores that are gone": (
        "results/m/a.scores.jsonl",
        lambda run: run.scores("m", "a").unlink(),
        "results/m/a.scores.jsonl: is missing",
    ),
    "a load that is gone": (
        "performance/m/a/c=1/load.json",
        lambda run: (run.load("m", "a", "c=1") / "load.json").unlink(),
        "performance/m/a/c=1/load.json: is missing",
    ),
    "a table that was changed": (
        "performance/m/a/c=1/requests.parquet",
        lambda run: edit(run.load("m", "a", "c=1") / "requests.parquet", lambda _: b"PAR2"),
        "performance/m/a/c=1/requests.parquet: was changed",
    ),
    "a document": (
        "environment.json",
        lambda run: edit(run.environment, lambda data: data[:-3]),
        "environment.json:2: cannot be read",
    ),
    "the suite": (
        "suite.toml",
        lambda run: edit(run.suite, lambda data: data[:8]),
        "suite.toml: is cut: it holds 8 of 19 bytes",
    ),
    "the seals": (
        "seals.json",
        lambda run: edit(run.path / "seals.json", lambda _: b'{"files": {"a": 1}}'),
        "seals.json: is damaged",
    ),
}


def swap(one: Path, other: Path) -> None:
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_told(run: RunFolder, damage: str) -> None:
    _, make, words = DAMAGES[damage]
    make(run)
    for _ in range(2):  # told as long as it is there
        with pytest.raises(DamageError) as caught, locked(run):
            raise AssertionError
        assert caught.value.message.startswith(f"{run.path}/{words}"), caught.value.message
        assert caught.value.exit_code == ExitCode.USAGE
        assert ("remove it" if damage == "the seals" else "restore") in caught.value.hint


def test_what_is_left_can_be_accepted(run: RunFolder) -> None:
    edit(run.predictions("m", "a"), lambda data: data[:-13])
    (run.path / "seals.json").unlink()
    with locked(run):
        pass
    with locked(run):
        pass


def test_a_whole_run_is_opened_again_and_again(run: RunFolder) -> None:
    before = (run.path / "seals.json").read_bytes()
    for _ in range(3):
        with locked(run):
            pass
    assert (run.path / "seals.json").read_bytes() == before


def test_journals_may_grow_and_end_in_half_a_row(run: RunFolder) -> None:
    edit(run.predictions("m", "a"), lambda data: data + b'{"key":"a6"}\n{"key":')
    with locked(run):
        Journal(run.predictions("m", "a")).close()
    edit(run.predictions("m", "a"), lambda data: data[:-13])
    with pytest.raises(DamageError, match="5 of 6 lines"):
        verify(run)


def test_a_killed_session_leaves_no_false_alarm(run: RunFolder) -> None:
    """It had unsealed what it replaced, and was killed before it could seal again."""
    unseal(run, "samples", run.predictions("m", "a"))
    run.samples("a").write_bytes(b"")
    edit(run.predictions("m", "a"), lambda data: data[13:])
    verify(run)
    edit(run.predictions("m", "b"), lambda data: data[13:])
    with pytest.raises(DamageError, match=r"b\.jsonl: is cut"):
        verify(run)


def test_a_session_that_met_damage_does_not_seal_it(run: RunFolder) -> None:
    before = (run.path / "seals.json").read_bytes()
    with pytest.raises(DamageError), locked(run):
        edit(run.predictions("m", "a"), lambda data: data[13:])
        raise DamageError("x")
    assert (run.path / "seals.json").read_bytes() == before


def test_seals_of_some_places(run: RunFolder) -> None:
    unseal(run, "samples", "results")
    run.samples("a").write_bytes(b"1\n")
    write_json(run.result("m", "a"), {"other": 1})
    seal(run, {}, "samples")
    run.samples("a").write_bytes(b"2\n")
    with pytest.raises(DamageError, match=r"samples/a\.jsonl"):
        verify(run)


def test_a_load_in_its_raw_form_is_not_sealed(run: RunFolder) -> None:
    folder = run.load("m", "a", "c=2")
    folder.mkdir()
    (folder / "load.json").write_text("{}")
    (folder / "requests-0.bin").write_bytes(b"x")
    with locked(run):
        pass
    (folder / "load.json").write_text("{ }")
    verify(run)
