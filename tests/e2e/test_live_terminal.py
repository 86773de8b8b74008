"""The live view as a person sees it: real runs in a real terminal, with keys and sizes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from live import Project, Simulator, simulator, surroundings, wait_until
from tmux import Tmux, terminal

import aisbench

pytestmark = pytest.mark.not_quick

TASKS = 12


@pytest.fixture(scope="module")
def server() -> Iterator[Simulator]:
    with simulator("--answers", "gsm8k-demo", "--ttft-ms", "60", "--tpot-ms", "2") as one:
        yield one


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def environment(project: Project, **more: str) -> dict[str, str]:
    """That of a person at a terminal."""
    found = surroundings(project.path / "home", LANG="C.UTF-8", LC_ALL="C.UTF-8", **more)
    for name in ("CI", "TERM", "TMUX", "COLUMNS", "LINES"):
        found.pop(name, None)
    found.update({"TERM": "screen-256color", **more})
    return found


def accuracy(project: Project, url: str, tasks: int = TASKS, repeats: int = 3) -> None:
    suite = {
        "suite": {"name": "s", "seed": 1},
        "models": {"m": {"backend": "vllm-chat", "url": url, "concurrency": 4}},
        "datasets": {
            f"set{number:02}": {"dataset": "gsm8k-demo", "limit": 28, "repeats": repeats}
            for number in range(tasks)
        },
    }
    project.write("s.toml", tomli_w.dumps(suite))


def load(project: Project, url: str, **keys: Any) -> None:
    suite = {
        "suite": {"name": "s", "mode": "performance", "seed": 1},
        "models": {"m": {"backend": "vllm-chat", "url": url, "generation": {"max_tokens": 8}}},
        "datasets": {"d": {"dataset": "gsm8k-demo"}},
        "load": {"shape": "poisson", "rate": 20, "duration": 5, "warm_up": 1, **keys},
    }
    project.write("s.toml", tomli_w.dumps(suite))


def start(shell: Tmux, project: Project, *words: str) -> None:
    # What its report needs is long to import, and no matter here.
    words = ("--disable-plugin", "aisbench-plugin-html", *words)
    python, *rest = project.command("run", "s.toml", *words)
    shell.line(f"{python} {' '.join(rest)}; echo co''de=$?")


def settled(shell: Tmux) -> str:
    """What was printed, once the run is over; the shell takes commands as before."""
    shell.wait("code=")
    shell.line("stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo|isig)' | xargs echo tty:")
    shell.wait("tty: isig icanon echo")
    return shell.printed


def chosen(screen: list[str]) -> str:
    found = [line for line in screen if line.startswith("> ")]
    assert len(found) == 1, "\n".join(screen)
    return found[0]


def test_tasks_at_80x24(project: Project, server: Simulator) -> None:
    accuracy(project, server.url, tasks=30)
    with terminal(project.path, environment(project), 80, 24) as shell:
        start(shell, project)
        screen = shell.wait("of 30 tasks over")
        assert re.match(r"aisbench +s/\d{8}_\d{6} +\d:\d\d$", screen[0])
        assert all(len(line) < 80 for line in screen)
        assert "PgUp PgDn page" in screen[23] and "page 1/" in screen[23]
        assert any(line.startswith("── log ─") for line in screen)
        wait_until(lambda: "answers" in shell.screen[1] and "left" in shell.screen[1])

        shell.keys("PageDown")
        second = shell.wait("page 2/")
        assert "set00" not in "\n".join(second)
        shell.keys("G")
        assert "set29" in chosen(shell.wait("set29"))
        shell.keys("Up")
        wait_until(lambda: "set28" in chosen(shell.screen))
        shell.keys("f")
        wait_until(lambda: "set28" not in chosen(shell.screen))

        shell.keys("Enter")
        opened = "\n".join(shell.wait("so far"))
        assert "time left" in opened and "in flight" in opened
        shell.keys("Escape")
        shell.wait("PgUp PgDn page")

        shell.keys("?")
        shell.wait("hold the screen still")
        shell.keys("Escape")
        shell.keys("p")
        held = shell.wait("screen paused, the run goes on")
        run = project.last_run("s")
        wait_until(lambda: _done(run) > _done_at(held) + 20)
        assert _done_at(shell.screen) <= _done_at(held) + 8  # a last frame may be on its way
        shell.keys("Space")
        wait_until(lambda: _done_at(shell.screen) > _done_at(held) + 10)

        shell.keys("q")
        shell.wait("q ends nothing")
        shell.keys("C-c")
        printed = settled(shell)
        assert "code=3" in printed and "stopped before the end" in printed
        assert "m / set00 (0-shot-cot-chat): " in printed
        assert "command not found" not in printed and "jjj" not in printed
    state = aisbench.read_progress(run)
    assert state is not None and (state.state, state.alive) == ("stopped", False)
    assert len(state.tasks) == 30 and state.tasks[-1].state == "waiting"


def _done(run: Path) -> int:
    state = aisbench.read_progress(run)
    assert state is not None and state.alive and state.stage == "answers"
    return sum(one.done for one in state.tasks)


def _done_at(screen: list[str]) -> int:
    found = re.search(r"([\d,]+)/[\d,]+ answers", screen[1])
    assert found is not None, screen[1]
    return int(found.group(1).replace(",", ""))


def test_loads_at_200x50(project: Project, server: Simulator) -> None:
    load(project, server.url, sweep={"duration": [2, 60, 61]})
    with terminal(project.path, environment(project), 200, 50) as shell:
        start(shell, project)
        screen = shell.wait("0 of 3 loads over")
        assert len(screen) == 50 and "TPOT p50/p99" in "\n".join(screen)
        assert "to come" in "\n".join(screen)
        shell.wait("1 of 3 loads over")
        shell.wait("the last ")
        text = shell.text
        assert re.search(r"duration=2 +over +\d+\.\d +\d", text), text
        assert re.search(r"in flight +\d+", text) and re.search(r"TTFT p50/p99 +\d+\.\d /", text)
        assert re.search(r"requests/s .*█", text), text
        shell.resize(60, 15)
        shell.wait("enter open · p hold")
        assert all(len(line) < 60 for line in shell.screen)
        shell.resize(80, 24)
        shell.wait("PgUp PgDn page")
        shell.keys("g", "Enter")
        shell.wait("TTFT p99 ms")
        shell.keys("C-c")
        printed = settled(shell)
        assert "code=3" in printed and "stopped before the end" in printed
        # The last line of each load stays.
        assert re.search(r"m / d: duration=2: \d\.\d s of 2 s", printed), printed
        assert re.search(r"m / d: duration=60: \d+\.\d s of 60 s", printed), printed
    state = aisbench.read_progress(project.last_run("s"))
    assert state is not None and state.state == "stopped"
    assert [one.state for one in state.loads] == ["done", "stopped", "waiting"]
    assert state.loads[0].figures["ttft_p50"] > 50


def test_it_is_suspended_stopped_at_once_and_chinese(project: Project, server: Simulator) -> None:
    accuracy(project, server.url, tasks=2, repeats=30)
    with terminal(project.path, environment(project, AISBENCH_LANG="zh"), 80, 24) as shell:
        start(shell, project)
        shell.wait("任务")
        shell.keys("C-z")
        shell.wait("Stopped")
        shell.line("stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(icanon|echo)' | xargs echo tty:")
        shell.wait("tty: icanon echo")
        shell.line("fg")
        shell.wait("m / set00")
        shell.keys("C-c", "C-c")
        shell.wait("code=")  # of the stop and not of the run
        shell.wait_gone("p 暂停")
        assert "shell>" in shell.text


def test_plain_lines_in_continuous_integration(project: Project, server: Simulator) -> None:
    accuracy(project, server.url, tasks=1, repeats=1)
    with terminal(project.path, environment(project, CI="true"), 80, 24) as shell:
        start(shell, project)
        printed = settled(shell)
    assert "code=0" in printed and "m / set00" in printed
    assert "PgUp" not in printed


def test_a_killed_run_is_known_to_be_dead(project: Project, server: Simulator) -> None:
    accuracy(project, server.url, tasks=1, repeats=40)
    process = project.start("run", "s.toml")
    wait_until(lambda: list(project.path.glob("outputs/s/*/progress.json")))
    run = project.last_run("s")
    wait_until(lambda: _done_of(run) > 0)
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    state = aisbench.read_progress(run)
    assert state is not None and (state.state, state.alive) == ("running", False)
    seals = json.loads((run / "seals.json").read_text()) if (run / "seals.json").exists() else {}
    assert "progress.json" not in seals.get("files", {})
    (run / "progress.json").unlink()
    assert aisbench.read_progress(run) is None
    (run / "progress.json").write_text('{"state": 1')
    with pytest.raises(aisbench.DamageError, match=r"progress\.json"):
        aisbench.read_progress(run)


def _done_of(run: Path) -> int:
    state = aisbench.read_progress(run)
    return 0 if state is None else sum(one.done for one in state.tasks)


@pytest.mark.slow
def test_nothing_is_drawn_in_the_background(project: Project, server: Simulator) -> None:
    accuracy(project, server.url, tasks=1, repeats=3)
    with terminal(project.path, environment(project), 80, 24) as shell:
        python, *rest = project.command("run", "s.toml")
        shell.line(f"{python} {' '.join(rest)} & wait; echo co''de=$?")
        wait_until(lambda: list(project.path.glob("outputs/s/*/progress.json")))
        wait_until(lambda: _done_of(project.last_run("s")) > 20)
        assert "log ─" not in shell.text
        printed = settled(shell)
        assert "code=0" in printed
    assert (project.last_run("s") / "results").exists()
