"""The server: who is let in, what is answered, and that nothing of a run is ever written."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stored_run import stored_run

from aisbench.api import Media
from aisbench_plugin_view.contents import OwnFiles

Serve = Callable[[Path], contextlib.AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("outputs")
    stored_run(top / "nightly" / "20260101_000000", 40, models=("a", "b"), seed=1)
    stored_run(top / "nightly" / "20260102_000000", 40, models=("a", "b"), seed=2)
    stored_run(top / "open" / "20260103_000000", 30, complete=False)
    (top / "foreign" / "pictures").mkdir(parents=True)
    broken = stored_run(top / "broken" / "20260104_000000", 3)
    (broken / "suite.toml").write_text("[suite\n")
    half = stored_run(top / "half" / "20260105_000000", 3)
    (half / "suite.toml").unlink()
    odd = stored_run(top / "odd" / "20260106_000000", 3)
    (odd / "results/qwen/math.json").write_text('{"counts": 7}')
    (top / "secret.txt").write_text("do not show")
    return top


@pytest.fixture(scope="module")
def view(outputs: Path, serve: Serve) -> Iterator[Any]:
    with serve(outputs) as found:
        yield found


def tree(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file and folder of the runs with its time and size."""
    return {
        str(one): (one.stat().st_mtime_ns, one.stat().st_size)
        for one in sorted(folder.rglob("*"))
        if ".aisbench" not in one.parts
    }


def test_the_list_says_what_each_folder_is(view: Any) -> None:
    found = view.ask("/api/runs")
    while found["left"]:  # on a slow machine not all are read in one look
        found = view.ask("/api/runs")
    runs = {one["path"]: one for one in found["runs"]}
    assert {path: one["status"] for path, one in runs.items()} == {
        "nightly/20260101_000000": "complete",
        "nightly/20260102_000000": "complete",
        "open/20260103_000000": "running",  # written a moment ago, and not ended
        "broken/20260104_000000": "damaged",
        "half/20260105_000000": "foreign",
        "odd/20260106_000000": "damaged",
        "foreign/pictures": "foreign",
    }
    assert "suite.toml" in runs["broken/20260104_000000"]["reason"]
    assert "no suite.toml, but" in runs["half/20260105_000000"]["reason"]
    assert "math.json" in runs["odd/20260106_000000"]["reason"]
    figure = runs["nightly/20260101_000000"]["figures"][0]
    assert (figure["model"], figure["name"], figure["n"]) == ("a", "accuracy", 40)


def test_figures_answers_and_pairs(view: Any) -> None:
    run, other = (view.run_id(f"nightly/2026010{day}_000000") for day in (1, 2))
    document = view.ask(f"/api/runs/{run}")
    assert [one["model"] for one in document["scores"]] == ["a", "b"]
    page = view.indexed(f"/api/runs/{run}/tasks/1?verdict=wrong&limit=5")
    assert page["task"]["model"] == "b"
    assert page["total"] == page["verdicts"]["wrong"]
    row = page["rows"][0]
    answer = view.ask(f"/api/runs/{run}/tasks/1/answer?id={row['id']}&repeat=0")
    assert answer["score"]["verdict"] == "wrong"
    parts = answer["turns"][0]["response"]["parts"]
    assert parts[1] == answer["score"]["extracted"]
    assert "".join(parts) == answer["turns"][0]["response"]["text"]
    for one, task in ((run, 0), (other, 1)):
        view.indexed(f"/api/runs/{one}/tasks/{task}")
    pairs = view.ask(f"/api/pairs?a={run}&a_task=0&b={other}&b_task=1&differ=1")
    assert pairs["total"] == pairs["differing"] > 0
    assert all(one["left_verdict"] != one["right_verdict"] for one in pairs["rows"])


def test_reading_changes_no_run(view: Any, outputs: Path) -> None:
    before = tree(outputs)
    for one in view.ask("/api/runs")["runs"]:
        if one["status"] in ("complete", "running"):
            for path in ("", "/live", "/check", "/tasks/0", "/tasks/0?q=apples", "/nothing"):
                view.raw(f"/api/runs/{one['id']}{path}")
            view.raw(f"/runs/{one['id']}/report")
    assert tree(outputs) == before


@pytest.mark.parametrize("path", ["/", "/main.js", "/api/runs", "/api/start", "/nothing"])
@pytest.mark.parametrize("cookie", ["", "aisbench-view=x", "wrong"])
def test_without_the_token_nothing_is_told(view: Any, path: str, cookie: str) -> None:
    if cookie == "wrong":
        cookie = view.cookie[:-1] + ("A" if view.cookie[-1] != "A" else "B")
    status, body, headers = view.raw(path, headers={"Cookie": cookie})
    assert status == 403
    assert b"open the address" in body
    assert headers["Set-Cookie"] is None


def test_the_token_is_used_once_in_an_address(view: Any) -> None:
    token = view.address.partition("=")[2]
    status, _, headers = view.raw(f"/?token={token}", headers={"Cookie": ""})
    assert (status, headers["Location"]) == (303, "/")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert view.raw(f"/?token={token}x")[0] == 403  # even with the cookie
    assert view.raw(f"/api/runs?token={token}", headers={"Cookie": ""})[0] == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:1", 200), ("localhost:9000", 200), ("[::1]:80", 200), ("localhost", 200),
        ("evil.example", 403), ("127.0.0.1.evil.example", 403), ("localhost.evil.example:80", 403),
        ("", 403), ("[::1", 403), ("evil.example@127.0.0.1", 200), ("127.0.0.2", 403),
    ],
)  # fmt: skip
def test_a_name_of_somebody_else_is_refused(view: Any, host: str, status: int) -> None:
    assert view.raw("/api/start", headers={"Host": host})[0] == status


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/static/../../secret.txt",
        "//etc/passwd", "/etc/passwd", "/main.js/../../../secret.txt", "/view.css%00.js",
        "/api/runs/../../secret.txt", "/api/runs/..%2f..%2fsecret.txt", "/api/runs/%2fetc",
        "/api/runs/aaaaaaaaaaaa", "/api/runs/{run}/tasks/99", "/api/runs/{run}/tasks/-1",
        "/api/runs/{run}/tasks/0/answer?id=../../suite.toml", "/runs/{run}/report/../suite.toml",
        "/runs/{run}/media/..%2f..%2fsuite.toml", "/runs/{run}/media/" + "a" * 64,
        "/runs/{run}/media/" + "0" * 63 + "/", "/texts.zh.json", "/plugin.py", "/__init__.py",
    ],
)  # fmt: skip
def test_no_address_leads_out(view: Any, path: str) -> None:
    status, body, _ = view.raw(path.replace("{run}", view.run_id("nightly/20260101_000000")))
    assert status == 404
    assert b"do not show" not in body and b"[models" not in body and b"root:" not in body


def test_media_are_those_that_the_run_keeps(view: Any, outputs: Path) -> None:
    run = outputs / "nightly" / "20260101_000000"
    (run / "media").mkdir(exist_ok=True)
    names = {digit: digit * 64 for digit in "abc"}
    png = b"\x89PNG\r\n\x1a\n"
    (run / "media" / names["a"]).write_bytes(png)
    (run / "media" / f"{names['a']}-1.500000s-64side").write_bytes(b"\xff\xd8\xff")
    (run / "media" / names["b"]).write_bytes(b"<svg onload='x()'/>")
    (run / "media" / names["c"]).symlink_to(outputs / "secret.txt")
    found = view.run_id("nightly/20260101_000000")
    status, body, headers = view.raw(f"/runs/{found}/media/{names['a']}")
    assert (status, body, headers["Content-Type"]) == (200, png, "image/png")
    assert headers["X-Content-Type-Options"] == "nosniff"
    status, _, headers = view.raw(f"/runs/{found}/media/{names['a']}-1.500000s-64side")
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    for digit in "bc":
        assert view.raw(f"/runs/{found}/media/{names[digit]}")[0] == 404


def test_a_file_of_the_user_is_shown_while_it_has_its_checksum(tmp_path: Path) -> None:
    file = tmp_path / "1.wav"
    file.write_bytes(b"RIFF\0\0\0\0WAVE")
    name = hashlib.sha256(file.read_bytes()).hexdigest()
    own = OwnFiles()
    assert own.file("run", name) is None
    told = Media(kind="audio", path=str(file), sha256=name)
    secret = tmp_path / "secret.txt"
    secret.write_text("do not show")
    named = hashlib.sha256(b"do not show").hexdigest()
    own.remember("run", [told, Media(kind="image", path=str(secret), sha256=named)])
    assert own.file("run", name) == (file, "audio/wav")
    assert own.file("another run", name) is None
    assert own.file("run", named) is None  # no picture, sound or film
    file.write_bytes(b"RIFF\0\0\0\0WAVE, another one")
    assert own.file("run", name) is None
    file.unlink()
    assert own.file("run", name) is None


def test_what_every_answer_forbids_the_browser(view: Any) -> None:
    for path in ("/", "/main.js", "/api/runs", "/nothing"):
        headers = view.raw(path)[2]
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_report_of_a_stranger_runs_as_nobody(view: Any, outputs: Path) -> None:
    run = outputs / "nightly" / "20260102_000000"
    (run / "summary").mkdir(exist_ok=True)
    (run / "summary" / "report.html").write_text("<script>fetch('/api/runs')</script>")
    found = view.run_id("nightly/20260102_000000")
    status, body, headers = view.raw(f"/runs/{found}/report")
    assert (status, body[:8]) == (200, b"<script>")
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("sandbox ") and "allow-same-origin" not in policy
    assert "connect-src" not in policy and "default-src 'none'" in policy


def note(view: Any, run: str, body: Any, **headers: str) -> tuple[int, Any]:
    origin = {"Origin": view.address.partition("/?")[0], "Content-Type": "application/json"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, answer, _ = view.raw(
        f"/api/runs/{run}/note", method="PUT", headers={**origin, **headers}, body=content
    )
    return status, answer


def test_tags_and_notes_are_kept_beside_the_runs(view: Any, outputs: Path) -> None:
    run = view.run_id("nightly/20260101_000000")
    given = {"tags": ["good ", "good", "", "基线"], "note": " the <b>first</b> "}
    assert note(view, run, given)[0] == 200
    entry = next(one for one in view.ask("/api/runs")["runs"] if one["id"] == run)
    assert (entry["tags"], entry["note"]) == (["good", "基线"], "the <b>first</b>")
    document = json.loads((outputs / ".aisbench" / "view.json").read_text())
    assert list(document["runs"]) == ["nightly/20260101_000000"]
    assert note(view, run, {"tags": [], "note": ""})[0] == 200
    assert json.loads((outputs / ".aisbench" / "view.json").read_text())["runs"] == {}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "no JSON"), ([], "an object"), ({"tags": "x"}, "tags"), ({"tags": [1]}, "tags"),
        ({"tags": ["x" * 61]}, "tags"), ({"note": 7}, "note"), ({"note": "x" * 10_001}, "note"),
    ],
)  # fmt: skip
def test_a_note_that_cannot_be_kept(view: Any, body: Any, words: str) -> None:
    status, answer = note(view, view.run_id("nightly/20260101_000000"), body)
    assert status == 409
    assert words in json.loads(answer)["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Content-Type": "text/plain"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)  # fmt: skip
def test_another_page_changes_nothing(view: Any, headers: dict[str, str]) -> None:
    run = view.run_id("nightly/20260101_000000")
    assert note(view, run, {"note": "evil"}, **headers)[0] == 403
    assert view.ask(f"/api/runs/{run}")["note"] == ""


def test_a_list_of_notes_that_is_damaged_is_told(tmp_path: Path, serve: Serve) -> None:
    stored_run(tmp_path / "s" / "20260101_000000", 3)
    (tmp_path / ".aisbench").mkdir()
    (tmp_path / ".aisbench" / "view.json").write_text("{")
    with serve(tmp_path) as view:
        found = view.ask("/api/runs")
        assert found["runs"][0]["status"] == "complete"
        assert "view.json: cannot be read" in found["problem"]
        assert note(view, found["runs"][0]["id"], {"note": "x"})[0] == 409
    assert (tmp_path / ".aisbench" / "view.json").read_text() == "{"


def test_a_run_alone_and_a_folder_that_cannot_be_written(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    run = stored_run(tmp_path / "s" / "20260101_000000", 3)
    before = tree(run)
    with serve(run) as view:
        found = view.ask("/api/runs")
        assert [one["path"] for one in found["runs"]] == ["20260101_000000"]
        assert found["notes_shared"] is False
        assert view.ask(f"/api/runs/{found['runs'][0]['id']}/tasks/0")["total"] == 3
    assert tree(run) == before
    assert list((tmp_path / "cache").rglob("*.sqlite"))


def test_an_index_that_waits_for_others_is_asked_for_again(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aisbench_plugin_view import indexes

    monkeypatch.setattr(indexes, "PATIENCE", 0.0)
    stored_run(tmp_path / "s" / "20260101_000000", 4)
    with serve(tmp_path) as view:
        run = view.run_id("s/20260101_000000")
        others = threading.Event()
        for _ in range(indexes.WORKERS):
            view.server.viewer.indexes._pool.submit(others.wait, 30)
        try:
            status, body, _ = view.raw(f"/api/runs/{run}/tasks/0")
            assert (status, json.loads(body)["error"]) == (503, "the index is being made")
            assert "done" not in view.ask(f"/api/runs/{run}/live")["tasks"][0]
        finally:
            others.set()
        while view.raw(f"/api/runs/{run}/tasks/0")[0] == 503:
            pass
        assert view.indexed(f"/api/runs/{run}/tasks/0")["total"] == 4


def test_runs_that_grow_and_are_scored_are_seen(tmp_path: Path, serve: Serve) -> None:
    run = stored_run(tmp_path / "s" / "20260101_000000", 10, complete=False)
    journal = run / "predictions/qwen/math.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:4]) + lines[4][:20])
    with serve(tmp_path) as view:
        found = view.run_id("s/20260101_000000")
        assert view.ask(f"/api/runs/{found}/tasks/0")["verdicts"] == {"": 4}
        live = view.ask(f"/api/runs/{found}/live")
        assert (live["status"], live["tasks"][0]["done"], live["tasks"][0]["total"]) == (
            "running", 4, 10,
        )  # fmt: skip
        assert live["log"][0]["message"] == "session 1 starts: 1 task"
        journal.write_bytes(b"".join(lines))
        assert view.ask(f"/api/runs/{found}/tasks/0")["total"] == 10
        stored_run(run, 10)
        assert "" not in view.ask(f"/api/runs/{found}/tasks/0")["verdicts"]
        assert view.ask("/api/runs")["runs"][0]["status"] == "complete"
