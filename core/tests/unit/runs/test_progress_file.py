"""progress.json: what it says, that it is read again as it was, and what cannot break a run."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import attrs
import orjson
import pytest

from aisbench.base.clock import now_ns
from aisbench.base.errors import AbortError, AisbenchError
from aisbench.loadgen.live import LiveLoad
from aisbench.runs import progress_file
from aisbench.runs.progress_file import ProgressFile, dump_state, read_progress
from aisbench.stages.loads_progress import LoadProgress, LoadsProgress
from aisbench.stages.progress import Progress, TaskProgress
from aisbench.store.locking import at_work, locked
from aisbench.store.run import RunFolder

S = 1_000_000_000


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    (tmp_path / "suite.toml").write_text("[suite]\n")
    return RunFolder(tmp_path)


def followed(file: ProgressFile, times: int) -> list[bytes]:
    """What the file held, at each of its first contents."""
    seen: list[bytes] = []
    path = file.run.path / progress_file.NAME

    async def main() -> None:
        async with file.followed():
            while len(seen) < times:
                await asyncio.sleep(0.002)
                if path.exists() and (not seen or path.read_bytes() != seen[-1]):
                    seen.append(path.read_bytes())

    asyncio.run(main())
    return seen


def test_a_state_is_read_as_it_was_written(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_file, "PERIOD_SECONDS", 0.005)
    live = LiveLoad(label="m / d: rate=4", phase="running", start_ns=now_ns() - 5 * S)
    live.done, live.failed, live.achieved_rate, live.ttft_ms = 20, 1, 4.0, (10.0, 20.0)
    loads = LoadsProgress([LoadProgress("m", "d", "rate=4"), LoadProgress("m", "d", "rate=8")])
    loads.loads[0].state, loads.loads[0].live = "running", live
    tasks = [TaskProgress(model="m", dataset="d", variant="v", total=9, done=4, in_flight=1)]
    planned = (tasks[0], TaskProgress(model="m", dataset="e", variant="v", total=7))
    file = ProgressFile(run, loads=loads, progress=Progress(tasks=tasks, planned=planned))
    file.stage = "loads"
    assert len(followed(file, 2)) == 2
    state = read_progress(run.path)
    assert state is not None
    assert attrs.evolve(state, seconds=0, updated="") == attrs.evolve(
        file.now(), seconds=0, updated="", loads=state.loads
    )
    first, second = state.loads
    assert (first.done, first.failed, first.ttft_ms) == (20, 1, (10.0, 20.0))
    assert list(first.trace.requests_per_second)[:1] == [4.0] and second.state == "waiting"
    assert [one.state for one in state.tasks] == ["running", "waiting"]
    assert orjson.loads(dump_state(state))["schema"] == 1
    assert not list(run.path.glob(".*.tmp"))


@pytest.mark.parametrize(
    ("raised", "said"),
    [(None, "done"), (AbortError("x"), "stopped"), (KeyboardInterrupt(), "stopped"),
     (ValueError("x"), "failed")],
)  # fmt: skip
def test_the_file_says_how_it_ended(
    run: RunFolder, raised: BaseException | None, said: str
) -> None:
    try:
        with ProgressFile(run).kept():
            state = read_progress(run.path)
            assert state is not None and state.state == "running"
            if raised is not None:
                raise raised
    except BaseException as error:  # noqa: BLE001 - an interruption is one
        assert error is raised
    state = read_progress(run.path)
    assert state is not None and state.state == said


def test_nothing_is_written_before_there_is_a_run(tmp_path: Path) -> None:
    with ProgressFile(RunFolder(tmp_path)).kept():
        pass
    assert not list(tmp_path.iterdir())


def test_a_disk_that_takes_nothing_ends_nothing(
    run: RunFolder, caplog: pytest.LogCaptureFixture
) -> None:
    (run.path / ".progress.json.tmp").mkdir()
    with caplog.at_level(logging.WARNING, "aisbench"), ProgressFile(run).kept():
        pass
    assert [record.message.partition(": ")[2] for record in caplog.records] == [
        "cannot be written: Is a directory"
    ]


def test_whether_somebody_works_on_a_run(run: RunFolder) -> None:
    assert not at_work(run)
    with locked(run):
        assert at_work(run)
        with pytest.raises(AisbenchError, match="another aisbench process"), locked(run):
            pass
    assert not at_work(run)
