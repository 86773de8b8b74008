"""Pictures of a data file of one's own, over a chat service."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from live import Project, simulator

from aisbench_testkit.canned import PICTURE

SUITE = """
[suite]
name = "pictures"
[models.m]
backend = "vllm-chat"
url = "{url}"
{more}
[datasets.d]
dataset = "custom"
path = "data/rows.jsonl"
columns = {{ files = ["image"] }}
evaluator = "numeric"
template = "chat"
prompt = {{ user = "{{question}}", images = ["{{image}}"] }}
"""


@pytest.fixture
def data(project: Project) -> Path:
    rows = [
        {"question": "How many points?", "image": "a.png", "answer": "1"},
        {"question": "And here?", "image": ["a.png", "sub/b.png"], "answer": "2"},
        {"question": "And from afar?", "image": "https://example.org/c.png", "answer": "3"},
        {"question": "And without?", "image": "", "answer": "4"},
    ]
    project.write("data/rows.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    for name in ("a.png", "sub/b.png"):
        path = project.path / "data" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(base64.b64decode(PICTURE))
    return project.path / "data"


def test_a_run(project: Project, data: Path) -> None:
    with simulator() as server:
        project.write("s.toml", SUITE.format(url=server.url, more=""))
        shown = project.run("run", "s.toml", "--dry-run")
        done = project.run("run", "s.toml")
    assert shown.code == 0, shown.err
    assert f"data:image/png;base64,{PICTURE}" in shown.out
    assert done.code == 0, done.out + done.err
    rows = {row["sample"]: row for row in project.rows("pictures", "m", "d")}
    content = rows["row-1"]["prompt"]["messages"][0]["content"]
    assert [part.get("text") for part in content] == [None, None, "And here?"]
    assert content[0]["media"]["path"] == str(data / "a.png")
    assert len(content[0]["media"]["sha256"]) == 64
    assert rows["row-3"]["prompt"]["messages"][0]["content"] == "And without?"
    assert rows["row-2"]["prompt"]["messages"][0]["content"][0]["media"]["url"].startswith("https")
    # Files are named in the run, and not copied into it.
    journal = next(project.path.glob("outputs/pictures/*/predictions/m/d.jsonl"))
    assert PICTURE not in journal.read_text()


@pytest.mark.parametrize(
    ("harm", "more", "said"),
    [
        ("missing", "", "sample row-1: "),
        ("text", "", "is no image: its type is unknown"),
        ("", "media_limit = 0.00001", "more than 1e-05"),
    ],
)
def test_what_cannot_be_sent_is_told_before_anything_is(
    project: Project, data: Path, harm: str, more: str, said: str
) -> None:
    if harm == "missing":
        (data / "sub" / "b.png").unlink()
    elif harm == "text":
        (data / "a.png").rename(data / "a")
        (data / "a").write_text("hello")
        text = (data / "rows.jsonl").read_text().replace("a.png", "a")
        (data / "rows.jsonl").write_text(text)
    with simulator() as server:
        project.write("s.toml", SUITE.format(url=server.url, more=more))
        done = project.run("run", "s.toml")
        assert server.stats()["requests"] == {}
    assert done.code == 2
    assert said in done.err


def test_a_backend_of_text_alone_is_refused(project: Project, data: Path) -> None:
    project.write("s.toml", SUITE.format(url="http://127.0.0.1:1", more="").replace(
        "vllm-chat", "tgi-generate"))  # fmt: skip
    done = project.run("run", "s.toml")
    assert done.code == 2
    assert "needs 'chat', which backend 'tgi-generate'" in done.err
