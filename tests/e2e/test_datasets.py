"""`aisbench datasets`: what there is, and fetching it."""

from __future__ import annotations

import http.server
import threading
from functools import partial

import pytest
from live import GSM8K, NO_SHARED, Project


def test_list(project: Project) -> None:
    done = project.run("datasets")
    assert done.code == 0
    lines = {line.split()[0]: line for line in done.out.splitlines() if line[0] != " "}
    assert "mathematics; en; licence: MIT; can be fetched" in lines["gsm8k"]
    assert "can be fetched" not in lines["gsm8k-demo"]
    assert "  rows      train 7,473, test 1,319\n  variants  0-shot-cot-chat, " in done.out
    assert "  source    https://github.com/openai/grade-school-math\n" in done.out


def test_what_cannot_be_fetched(project: Project) -> None:
    assert "has no files to fetch" in project.run("datasets", "fetch", "gsm8k-demo").err
    unknown = project.run("datasets", "fetch", "gsm9k")
    assert unknown.code == 2
    assert "'gsm8k'" in unknown.err


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.skipif(not GSM8K.is_dir(), reason=NO_SHARED)
def test_a_mirror_with_one_right_and_one_cut_file(project: Project) -> None:
    """test.jsonl is the official file; train.jsonl is only its beginning, and is refused."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(GSM8K))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        done = project.run(
            "datasets", "fetch", "gsm8k", "--mirror", f"http://127.0.0.1:{server.server_port}",
            AISBENCH_DATA=str(project.path / "data"),
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
    assert done.code == 2
    assert "train.jsonl: the file has the checksum 8a91faf8" in done.err
    kept = {path.name for path in (project.path / "data" / "gsm8k").iterdir()}
    assert "train.jsonl" not in kept
    assert not any(name.endswith(".part") for name in kept)
    for name in kept:
        assert (project.path / "data" / "gsm8k" / name).read_bytes() == (GSM8K / name).read_bytes()
