"""The first five minutes: what a server not quite right does to a run, and what is told."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import tomli_w
from live import Project, Result
from plain_server import Answer, PlainServer, models, serving


def loaded(project: Project, server: PlainServer, model: Any = None, **load: Any) -> Result:
    """A small load, by words."""
    rows = load.pop("rows", 8)
    lengths = {"input": load.pop("input", 6), "output": load.pop("output", 4)}
    suite = {
        "suite": {"name": "s", "mode": "performance"},
        "models": {
            "m": {"backend": "vllm-chat", "url": server.url, "concurrency": 2, **(model or {})}
        },
        "datasets": {"work": {"dataset": "synthetic", "unit": "words", "rows": rows, **lengths}},
        "load": {"warm_up": 2, **load},
    }
    project.write("s.toml", tomli_w.dumps(suite))
    return project.run("run", "s.toml")


def asked(project: Project, server: PlainServer, model: Any = None, **suite: Any) -> Result:
    """Eight questions of a benchmark."""
    dataset = suite.pop("dataset", {})
    tables = {
        "suite": {"name": "s", **suite},
        "models": {
            "m": {"backend": "vllm-chat", "url": server.url, "concurrency": 2, **(model or {})}
        },
        "datasets": {"d": {"dataset": "gsm8k-demo", "limit": 8, **dataset}},
    }
    project.write("s.toml", tomli_w.dumps(tables))
    return project.run("run", "s.toml")


def fine(path: str, body: dict[str, Any]) -> Answer:
    if path == "/v1/models":
        return models("m")
    return (200, None) if path == "/v1/chat/completions" else (404, {"detail": "Not Found"})


def strict(*known: str) -> Any:
    """Refuses the first key that it does not know, as pydantic says it."""

    def answer(path: str, body: dict[str, Any]) -> Answer:
        for key in body:
            if key not in known:
                place = {"loc": ["body", key], "msg": "Extra inputs are not permitted"}
                return 422, {"detail": [place]}
        return fine(path, body)

    return answer


@pytest.mark.slow
def test_a_load_sends_no_seed_and_an_accuracy_run_does(project: Project) -> None:
    with serving(fine) as server:
        assert loaded(project, server).code == 0
        assert len(server.bodies) == 10
        assert not any("seed" in body for body in server.bodies)
        server.bodies.clear()
        assert loaded(project, server, send_seed=True).code == 0
        assert all("seed" in body for body in server.bodies)
        server.bodies.clear()
        asked(project, server)
        assert len({body["seed"] for body in server.bodies}) == 8


@pytest.mark.slow
@pytest.mark.parametrize("salt", [False, True])
def test_prompts_and_answers_may_fill_the_context(project: Project, salt: bool) -> None:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        words = sum(len(one["content"].split()) for one in body.get("messages", ()))
        if words + body.get("max_tokens", 0) > 30:
            return 400, {"error": {"message": "This model's maximum context length is 30 tokens."}}
        return fine(path, body)

    with serving(answer) as server:
        done = loaded(project, server, input=24, output=6, salt=salt)
        assert done.code == 0, done.out
        lengths = {len(body["messages"][0]["content"].split()) for body in server.bodies}
        assert lengths == {24}


def test_all_keys_that_a_server_refuses_are_told_in_one_run(project: Project) -> None:
    known = ("model", "messages", "max_tokens", "stream", "temperature")
    with serving(strict(*known)) as server:
        done = loaded(project, server)
        assert done.code == 3
        for setting in ("datasets.work.ignore_eos = false", "models.m.usage = false"):
            assert setting in done.err, done.err


@pytest.mark.slow
@pytest.mark.parametrize("limit", [4, 100])
def test_so_are_those_of_an_accuracy_run_stopped_or_not(project: Project, limit: int) -> None:
    with serving(strict("model", "messages", "max_tokens", "stream", "temperature")) as server:
        done = asked(project, server, abort_after=limit)
        said = done.out + done.err
        for setting in ("models.m.send_seed = false", "models.m.usage = false"):
            assert setting in said, said


@pytest.mark.slow
def test_abort_after_is_named_where_it_stops_a_run(project: Project) -> None:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        return fine(path, body) if path == "/v1/models" else (404, {"detail": "Not Found"})

    with serving(answer) as server:
        done = asked(project, server, abort_after=3)
        assert done.code == 3
        assert "suite.abort_after = 3" in done.err
        assert "models.m.url" in done.err
        done = loaded(project, server, warm_up=0, rows=40)
        assert "suite.abort_after = 20" in done.out
        assert "models.m.url" in done.out


@pytest.mark.alone
def test_a_run_outlives_a_restart_of_its_server(project: Project) -> None:
    state = {"down": False, "over": False}

    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/chat/completions" and len(server.bodies) >= 4 and not state["over"]:
            state.update(down=True, over=True)
            threading.Thread(target=restart, daemon=True).start()
        if state["down"]:
            return None
        return fine(path, body)

    def restart() -> None:
        server.stop()
        time.sleep(2)
        state.update(down=False, over=True)
        server.start()

    with serving(answer) as server:
        done = asked(project, server, {"wait_for_server": "1m"})
        assert done.code == 0, done.out + done.err
        assert "is gone" in done.out
        assert "is back after" in done.out
        rows = project.rows("s", "m", "d")
        assert len(rows) == 8
        assert not any(row.get("failures") for row in rows)


@pytest.mark.slow
def test_a_model_that_loads_is_waited_for(project: Project) -> None:
    left = [3]

    def answer(path: str, body: dict[str, Any]) -> Answer:
        left[0] -= 1
        if left[0] >= 0:
            return 503, {"error": {"message": "Loading model", "type": "unavailable_error"}}
        return fine(path, body)

    with serving(answer) as server:
        done = loaded(project, server)
        assert done.code == 0, done.out + done.err
        assert "(503 Loading model), up to 60 s (wait_for_server)" in done.out


def test_the_context_that_a_server_tells(project: Project) -> None:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/models":
            return models("m", max_model_len=2048)
        if body.get("max_tokens", 0) >= 2048:
            return 400, {"error": {"message": "maximum context length is 2048 tokens"}}
        return fine(path, body)

    with serving(answer) as server:
        done = asked(project, server)
        assert done.code == 0, done.out + done.err
        assert "max_tokens = 4096 may not fit the context of 2048 tokens" in done.out
        assert not any("max_tokens" in body for body in server.bodies)
        keys = {row["key"] for row in project.rows("s", "m", "d")}
        server.bodies.clear()
        done = asked(project, server, dataset={"generation": {"max_tokens": 3000}})
        assert done.code == 2
        assert "max_tokens = 3000" in done.err
        assert not server.bodies
        # What was answered is found again by a server that tells another context.
        project.write("s.toml", (project.path / "s.toml").read_text().replace("3000", "4096"))
    with serving(fine) as other:
        done = asked(project, other)
        assert {row["key"] for row in project.rows("s", "m", "d")} == keys


@pytest.mark.slow
def test_the_base_of_adapters_is_found_and_others_are_to_choose_from(project: Project) -> None:
    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path == "/v1/models":
            entries = [{"id": "lora", "parent": base[0]}, {"id": "base", "parent": None}]
            return 200, {"data": entries}
        return fine(path, body)

    base = ["base"]
    with serving(answer) as server:
        assert loaded(project, server).code == 0
        assert {body["model"] for body in server.bodies} == {"base"}
        base[0] = "another"
        done = loaded(project, server)
        assert done.code == 2
        assert "serves several models: lora, base" in done.err


@pytest.mark.slow
def test_a_name_that_no_server_has_is_told(project: Project) -> None:
    with serving(fine) as server:
        done = asked(project, server, {"generation": {"temprature": 0.5}})
        assert done.code == 0, done.out + done.err
        assert "did you mean temperature?" in done.out + done.err
        assert all(body["temprature"] == 0.5 for body in server.bodies)


@pytest.mark.slow
def test_refusals_end_no_open_load_and_tell_the_limit(project: Project) -> None:
    busy = threading.Semaphore(4)

    def answer(path: str, body: dict[str, Any]) -> Answer:
        if path != "/v1/chat/completions":
            return fine(path, body)
        if not busy.acquire(blocking=False):
            return 429, {"error": {"message": "Too many requests"}}
        try:
            time.sleep(0.4)
        finally:
            busy.release()
        return fine(path, body)

    with serving(answer) as server:
        done = loaded(project, server, rows=150, shape="constant", rate=100, warm_up=0)
        assert "suite.abort_after" not in done.out
        assert "at once" in done.out
        assert "were refused with 429, a limit of the server" in done.out
        assert len(server.bodies) == 150


def test_a_server_of_which_nothing_is_left_to_ask_is_not_waited_for(project: Project) -> None:
    with serving(fine) as server:
        assert asked(project, server, {"wait_for_server": "5m"}).code == 0
    done = project.run("run", "s.toml", "--resume", timeout=50)
    assert done.code == 0, done.out + done.err
    assert "waiting" not in done.out
