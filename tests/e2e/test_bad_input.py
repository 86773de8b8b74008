# ruff: noqa: E501 - one case a line
"""What is wrong is said with its place and its remedy, and nothing is sent."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from live import Project, simulator

GOOD = """\
[suite]
name = "bad"
[models.m]
backend = "vllm-chat"
url = "{url}"
retry = {{ attempts = 1 }}
[datasets.d]
dataset = "gsm8k-demo"
"""
NOWHERE = "http://127.0.0.1:9"


def run(project: Project, text: str, *words: str, url: str = NOWHERE) -> tuple[int, str]:
    project.write("s.toml", text.format(url=url))
    done = project.run("run", "s.toml", *words)
    assert "Traceback" not in done.err
    return done.code, done.err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"{url}"', '"{url}"\ntls = {{ verify = false }}', ["models.m.tls: has no effect"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nshuffle = true', ["d.shuffle: has no effect without limit"]),
        ('[suite]', '[servers.s]\ncommand = ["x"]\n[suite]', ["servers.s: is used by no model"]),
        ('"vllm-chat"', '"vlm-chat"', ["s.toml:4: models.m.backend:", "'vllm-chat'"]),
        ('"gsm8k-demo"', '"gsm9k-demo"', ["s.toml:8: datasets.d.dataset:", "'gsm8k-demo'"]),
        ("[datasets.d]", "[dataset.d]", ["s.toml:7: dataset:", "did you mean 'datasets'"]),
        ('name = "bad"', "seed = true", ["s.toml:2: suite.seed: must be an integer, got true"]),
        ('name = "bad"', 'name = "a/b"', ["s.toml:2: suite.name:", "folder name"]),
        ('name = "bad"', 'mod = "x"', ["s.toml:2: suite.mod: is not a key", "'mode'"]),
        ('name = "bad"', 'mode = "speed"', ["must be one of 'accuracy', 'performance', 'both', got 'speed'"]),
        ("attempts = 1", "atempts = 1", ["s.toml:6: models.m.retry.atempts:", "'attempts'"]),
        ("attempts = 1", 'attempts = "2"', ["s.toml:6: models.m.retry.attempts", "got '2'"]),
        ("attempts = 1", "attempts = 0", ["must be 1 or more, got 0"]),
        ('url = "{url}"', "", ["models.m.url: is missing"]),
        ('"{url}"', '"localhost:8000"', ['must start with "http://" or "https://"']),
        ('"{url}"', '"http://me:pw@h:1"', ["must hold no user name"]),
        ('"{url}"', '"http://h:1"\napi_key = "sk-123456"', ["s.toml:6: models.m.api_key:", "env:"]),
        ('"{url}"', '"http://h:1"\nheaders = {{ X-Token = "abc" }}', ["looks like a secret"]),
        ('"{url}"', '"http://h:1"\ngeneration = {{ n = 4 }}', ["models.m.generation.n:", "repeats"]),
        ('"{url}"', '"http://h:1"\nconcurency = 4', ["models.m.concurency", "'concurrency'"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nlimit = 0', ["s.toml:9: datasets.d.limit: must be 1"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nvariant = "x"', ["variants are: 0-shot-cot-chat"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nmetrics = ["pass@4"]', ["set repeats = 4"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nmetrics = ["acuracy"]', ["datasets.d.metrics[0]", "'accuracy'"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nvariant = "0-shot-text"', ["needs 'text'", "vllm-completions"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\nretriever = "random"', ["has no effect without shots"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\n[[exclude]]\nmodel = "m"', ["leaves nothing to do"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\n[[exclude]]\nmodel = "x"', ["'x' matches nothing"]),
        ('"gsm8k-demo"', '"gsm8k-demo"\npath = "x"', ["datasets.d.path: is not a key here"]),
        ("[suite]", '[suite]\nrequires = ["aisbench-plugin-zzz"]', ["zzz is not installed", "pip"]),
        ("[suite]", "[suite", ["s.toml: is not valid TOML", "line 1"]),
        ('"gsm8k-demo"', '"gsm8k"', ["aisbench datasets fetch gsm8k", "test.jsonl"]),
    ],
)  # fmt: skip
def test_wrong_suites(project: Project, old: str, new: str, said: list[str]) -> None:
    assert old in GOOD
    code, err = run(project, GOOD.replace(old, new, 1))
    assert code == 2
    for words in said:
        assert words in err
    assert "sk-123456" not in err
    assert not (project.path / "outputs").exists()


def test_all_problems_at_once(project: Project) -> None:
    text = GOOD.replace("attempts = 1", "attempts = 0").replace('"bad"', '"a b"')
    code, err = run(project, text.replace('"vllm-chat"', '"vllm-chat"\ncolour = "red"'))
    assert code == 2
    assert "suite.name" in err
    text = GOOD.replace("attempts = 1", "attempts = 0")
    code, err = run(
        project,
        text.replace('"vllm-chat"', '"vllm-chat"\ncolour = "red"') + "repeats = 0\nlimit = 1.5\n",
    )
    for words in ("models.m.colour", "models.m.retry.attempts", "d.repeats", "d.limit"):
        assert words in err


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, ["data"]),
        ({"test.jsonl": '{"question": "a", "answer": "#### 1"}\n{"question": "b", "ans'},
         ["test.jsonl:2"]),
        ({"test.jsonl": '{"question": "a", "answer": "1"}\n'}, ["test.jsonl:1", "####"]),
        ({"test.jsonl": '{"question": "a"}\n'}, ["test.jsonl:1", "answer"]),
        ({"test.jsonl": ""}, ["test.jsonl"]),
    ],
)  # fmt: skip
def test_bad_data(project: Project, files: dict[str, str], said: list[str]) -> None:
    for name, text in files.items():
        project.write(f"data/{name}", text)
    code, err = run(project, GOOD.replace('"gsm8k-demo"', '"gsm8k"\npath = "data"'))
    assert code == 2
    assert "help:" in err
    for words in said:
        assert words in err
    assert not (project.path / "outputs").exists()


def test_unreachable_server(project: Project) -> None:
    code, err = run(project, GOOD)
    assert code == 3
    assert "http://127.0.0.1:9: cannot connect" in err
    assert "is the server started" in err


def test_wrong_key_and_missing_key(project: Project) -> None:
    with simulator("--api-key", "right-key-123") as server:
        code, err = run(project, GOOD, url=server.url)
        assert code == 3
        assert "refused with status 401" in err
        assert 'set models.m.api_key = "env:NAME"' in err
        text = GOOD.replace('"{url}"', '"{url}"\napi_key = "env:M_KEY"')
        code, err = run(project, text, url=server.url)
        assert code == 2
        assert "api_key: the environment variable M_KEY is not set" in err
        project.write("s.toml", text.format(url=server.url))
        wrong = project.run("run", "s.toml", M_KEY="wrong-key-456")
        assert wrong.code == 3
        assert "check the value of M_KEY" in wrong.err
        right = project.run("run", "s.toml", "--limit", "3", M_KEY="right-key-123")
        assert right.code == 0, right.err
    everything = b"".join(path.read_bytes() for path in project.path.rglob("*") if path.is_file())
    for secret in (b"right-key-123", b"wrong-key-456"):
        assert secret not in everything


def test_unknown_model(project: Project) -> None:
    with simulator("--model", "tiny") as server:
        text = GOOD.replace('"{url}"', '"{url}"\nmodel = "huge"')
        project.write("s.toml", text.format(url=server.url))
        done = project.run("run", "s.toml", "--set", "suite.abort_after=5")
        assert done.code == 3
        assert "does not list 'huge'; it lists tiny" in done.err
        assert "stopped after 5 requests in a row failed in the same way" in done.err
        assert "The model `huge` does not exist" in done.err
        assert server.stats()["requests"]["/v1/chat/completions"]["404"] < 40
        several = project.run("run", "s.toml", "--set", "models.m.model=''", "--limit", "2")
        assert several.code == 0, several.err


def test_several_models_and_none_named(project: Project) -> None:
    with simulator("--model", "one", "--model", "two") as server:
        code, err = run(project, GOOD, url=server.url)
    assert code == 2
    assert "serves several models: one, two" in err
    assert "set models.m.model" in err


def test_a_page_that_is_no_api(project: Project) -> None:
    with simulator() as server:
        code, err = run(project, GOOD, url=server.url + "/wrong")
    assert code == 3
    assert "the model's name cannot be asked" in err
    assert "check that the url is right" in err


def test_an_unwritable_output(project: Project) -> None:
    project.write("outputs", "a file where a folder should be")
    with simulator() as server:
        project.write("s.toml", GOOD.format(url=server.url))
        done = project.run("run", "s.toml")
    assert done.code == 3
    assert "no run directory can be made there" in done.err
    assert "suite.output" in done.err


def test_a_server_that_ends(project: Project) -> None:
    text = """
[suite]
name = "bad"
[servers.s]
command = ["{{python}}", "-c", "print('no GPU found'); raise SystemExit(4)"]
[models.m]
backend = "vllm-chat"
server = "s"
[datasets.d]
dataset = "gsm8k-demo"
"""
    code, err = run(project, text)
    assert code == 3
    assert "servers.s: ended with code 4 before it was ready" in err
    assert "no GPU found" in err


def test_validate(project: Project) -> None:
    project.write("s.toml", GOOD.format(url=NOWHERE))
    good = project.run("validate", "s.toml")
    assert (good.code, good.err) == (0, "")
    assert "ok: m / d: variant 0-shot-cot-chat, 28 samples x 1 repeats" in good.out
    project.write("s.toml", GOOD.format(url=NOWHERE).replace("vllm-chat", "vllm"))
    assert project.run("validate", "s.toml").code == 2


def test_usage(project: Project) -> None:
    assert project.run("rum").code == 2
    assert "did you mean 'run'" in project.run("rum").err
    assert project.run("run").code == 2
    assert "--backend vllm-chat" in project.run("run").err
    assert project.run("run", "none.toml").code == 2
    assert project.run("run", "--limit", "x").code == 2
    assert project.run("evaluate", ".").code == 2
    assert "is not a run directory" in project.run("evaluate", ".").err


def test_the_schema_knows_what_is_installed(project: Project) -> None:
    done = project.run("schema")
    schema = json.loads(done.out)
    titles = {
        one["title"] for one in schema["properties"]["models"]["additionalProperties"]["anyOf"]
    }
    assert {"vllm-chat", "openai-completions"} <= titles


def test_a_bug_does_not_look_like_failed_samples(project: Project) -> None:
    """Python's own exit code for an exception, 1, means something else here."""
    code = (
        "import sys, aisbench.cli as cli, aisbench.cli.validate as v\n"
        "def broken(words): raise KeyError('oops')\n"
        "v.main = broken\n"
        "sys.exit(cli.main(['validate']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 3
    assert "KeyError: 'oops'" in done.stderr
    assert "this is a bug" in done.stderr
