"""`validate` and `run --dry-run` open no connection and ask no name server."""

from __future__ import annotations

import subprocess
import sys

import pytest
from live import Project, surroundings

GUARD = """\
import os, sys

SENDING = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}

def hook(event, arguments):
    # uvloop connects without a word to hooks: what needs it is about to send.
    if event in SENDING or event == "import" and arguments[0] == "uvloop":
        sys.stderr.write(f"SENT {event}\\n")
        sys.stderr.flush()
        os._exit(77)

sys.addaudithook(hook)
from aisbench.cli import main
for suite in sys.argv[2:]:
    words = sys.argv[1].split()
    words.insert(1, suite)
    sys.stderr.write(f"{suite}: {main(words)}\\n")
"""
MODEL = """\
[models.m]
backend = "{backend}"
url = "http://models.example.com:8000"
proxy = "environment"
api_key = "env:NOTHING_SENT_KEY"
"""
ACCURACY = MODEL + '[datasets.d]\ndataset = "gsm8k-demo"\n'
LOAD = (
    '[suite]\nmode = "performance"\n[load]\nshape = "poisson"\nrate = 5\nduration = 2\n'
    'scrape = true\nscrape_urls = ["http://metrics.example.com/metrics"]\n'
    + MODEL
    + '[datasets.w]\ndataset = "synthetic"\nunit = "words"\nrows = 3\ninput = 5\noutput = 3\n'
)
HUB = ACCURACY.replace("[datasets", 'tokenizer = "some-one/some-model"\n[datasets')
ROWS = LOAD.replace('unit = "words"', 'tokenizer = "some-one/some-model"')
JUDGE = (
    ACCURACY + 'evaluator = "exact"\n[models.second]\nbackend = "{backend}"\n'
    'url = ["http://a.example.com", "http://b.example.com"]\n'
)
SERVER = ACCURACY.replace('url = "http://models.example.com:8000"', 'server = "s"') + (
    '[servers.s]\ncommand = ["no-such-program"]\n'
)


SUITES = {
    "accuracy": (ACCURACY, 0),
    "load": (LOAD.replace("{backend}", "vllm-completions"), 0),
    "tokenizer": (HUB, 2),
    "rows-of-tokens": (ROWS.replace("{backend}", "vllm-completions"), 2),
    "two-models": (JUDGE, 0),
    "own-server": (SERVER, 0),
}


def guarded(project: Project, words: str, *suites: str) -> subprocess.CompletedProcess[str]:
    """Commands in a process that dies as soon as an address is used."""
    script = project.write("guard.py", GUARD)
    return subprocess.run(
        [sys.executable, str(script), words, *suites],
        cwd=project.path,
        env=surroundings(project.path / "home", NOTHING_SENT_KEY="abc-def-ghi"),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("words", ["validate", "run --dry-run"])
def test_nothing_leaves(project: Project, words: str) -> None:
    for name, (text, _) in SUITES.items():
        project.write(f"{name}.toml", text.format(backend="vllm-chat"))
    done = guarded(project, words, *(f"{name}.toml" for name in SUITES))
    assert "SENT" not in done.stderr
    for name, (_, code) in SUITES.items():
        assert f"{name}.toml: {code}\n" in done.stderr, done.stderr
    assert done.stderr.count("not in the local cache") == 2
    assert not (project.path / "outputs").exists()


def test_the_guard_would_tell(project: Project) -> None:
    project.write("s.toml", ACCURACY.format(backend="vllm-chat"))
    done = guarded(project, "run --limit 1", "s.toml")
    assert done.returncode == 77
