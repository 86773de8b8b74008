"""The command itself: inputs by content, files, messages, languages, bad input."""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.api import AisbenchError
from aisbench_plugin_migrate.command import main
from aisbench_plugin_migrate.inputs import drafts_of
from aisbench_plugin_migrate.literal import literal
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.secret import hidden, shown
from aisbench_plugin_migrate.shell import commands_in

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

COMMAND = (
    "ais_bench --models vllm_api_general_chat --datasets demo_gsm8k_gen_4_shot_cot_chat_prompt"
)


def test_words_behind_two_dashes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--", *COMMAND.split()]) == 0

    out, err = capsys.readouterr()
    assert tomllib.loads(out)["datasets"]["gsm8k-demo"]["range"] == "0:8"
    assert "keys carried over, 0 not" in err


def test_a_suite_that_validates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from aisbench.cli import main as aisbench

    path = tmp_path / "suite.toml"

    assert main([COMMAND, "-o", str(path)]) == 0
    assert aisbench(["validate", str(path)]) == 0
    assert "ok: vllm-api-general-chat / gsm8k-demo" in capsys.readouterr().out


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "suite.toml"
    path.write_text("mine")

    assert main([COMMAND, "-o", str(path)]) == 2
    assert path.read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main([COMMAND, "-o", str(path), "--force"]) == 0


def test_a_script_makes_a_suite_for_each_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "run.sh"
    script.write_text(
        "#!/bin/bash\nset -e\nexport MODEL=Qwen/Q\nPORT=9000\n"
        "vllm serve $MODEL --port $PORT &\n"
        "sleep 10; nohup vllm bench serve --model ${MODEL} --port $PORT \\\n"
        "  --num-prompts 10 --max-concurrency 2 2>&1 | tee log.txt\n"
        f"# {COMMAND}\n"
        f"CUDA_VISIBLE_DEVICES=0 {COMMAND} --debug > out.log && echo done\n"
    )
    out = tmp_path / "suite.toml"

    assert main([str(script), "-o", str(out)]) == 0
    first = tomllib.loads(out.read_text())
    assert first["models"]["Qwen-Q"]["url"] == "http://127.0.0.1:9000"
    assert tomllib.loads((tmp_path / "suite-2.toml").read_text())["suite"]["mode"] == "accuracy"
    assert not (tmp_path / "suite-3.toml").exists()


def test_several_suites_need_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "run.sh"
    script.write_text(f"{COMMAND}\n{COMMAND}\n")

    assert main([str(script)]) == 2
    assert "-o" in capsys.readouterr().err


def test_a_page_of_notes_is_searched_for_commands() -> None:
    text = (
        "# How to\n\nRun this:\n\n```bash\n$ lm_eval --model hf --tasks gsm8k\n```\nor it's `x`.\n"
    )

    (found,) = commands_in(text)

    assert (found.program, found.line) == ("lm_eval", 6)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("just words", "a.txt"),
        ("", "a.py"),
        ("x = 1", "a.py"),
        ("def f(:", "a.py"),
        ("[1, 2]", "a.json"),
        ('{"a": 1}', "a.json"),
        ("{", "a.json"),
        ("a: [", "a.yaml"),
        ("a: 1", "a.yaml"),
        ("vllm serve q", "a.sh"),
        ("\x00\x01", "a.bin"),
        ("evalscope app", "a.sh"),
        ("ais_bench --models nothing --datasets nothing", "a.sh"),
        ("models = [1]", "a.py"),
        ("models = 3\ndatasets = 'x'", "a.py"),
        ("guidellm mock-server", "a.sh"),
        ("&a [*a]", "a.yaml"),
    ],
)
def test_bad_input_is_an_error_with_a_way_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, name: str
) -> None:
    path = tmp_path / name
    path.write_text(content)

    assert main([str(path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


@pytest.mark.parametrize(
    "given",
    [
        ["nowhere.py"],
        ["."],
        ["echo hello"],
        ["--", "ls", "-l"],
        ["--root", "nowhere", "x"],
        ["--", "vllm", "serve", "q"],
    ],
)
def test_wrong_usage(capsys: pytest.CaptureFixture[str], given: list[str]) -> None:
    assert main(given) == 2
    assert "error: " in capsys.readouterr().err


def test_no_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2


def test_chinese(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AISBENCH_LANG", "zh")

    assert main(["--", *COMMAND.split(), "--debug"]) == 0

    out, err = capsys.readouterr()
    assert "迁移" in err or "保留" in err
    assert "运行" in out
    assert tomllib.loads(out)["suite"]["mode"] == "accuracy"


def test_every_sentence_of_the_tables_has_chinese() -> None:
    folder = resources.files("aisbench_plugin_migrate.tables")
    known = json.loads((folder / "notes.zh.json").read_text(encoding="utf-8"))
    told: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                if key in ("why", "note", "missing") and isinstance(one, str):
                    told.add(one)
                else:
                    walk(one)

    for file in folder.iterdir():
        if file.name.endswith(".toml"):
            walk(tomllib.loads(file.read_text(encoding="utf-8")))
    assert told == set(known)


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(
        st.one_of(
            st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), st.text()
        ),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
        max_leaves=8,
    )
)
def test_literals_are_toml(value: object) -> None:
    read = tomllib.loads(f"x = {literal(value)}")["x"]

    def clean(one: object) -> object:
        if isinstance(one, str):
            return "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in one)
        if isinstance(one, list):
            return [clean(part) for part in one]
        if isinstance(one, dict):
            return {clean(key): clean(part) for key, part in one.items()}
        return one

    assert read == clean(value)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40))
def test_comments_stay_comments(key: str, why: str) -> None:
    from aisbench_plugin_migrate.draft import Draft

    draft = Draft("t", key)
    section = draft.section("suite")
    section.put("mode", "accuracy", why)
    draft.leave(section, key, why, "", why)

    assert tomllib.loads(draft.text()) == {"suite": {"mode": "accuracy"}}


WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "--models",
                "--datasets",
                "--mode",
                "perf",
                "--rate",
                "1,2",
                "--data",
                "=",
                "--model_args",
                "a=b,c=[",
                "--limit",
                "-1",
                "nan",
                "inf",
                "--number",
                "--goodput",
                "--dataset-args",
                "{",
                "{}",
                "--num-prompts",
                "gsm8k_gen",
                "--profile",
                "--judge-model-args",
                "null",
                "--extra-inputs",
                "--tasks",
            ]
        ),
        st.text(max_size=8),
    ),
    max_size=10,
)
PROGRAMS = st.sampled_from(
    [
        ["ais_bench"],
        ["opencompass"],
        ["lm_eval"],
        ["evalscope", "eval"],
        ["evalscope", "perf"],
        ["vllm", "bench", "serve"],
        ["guidellm", "benchmark"],
        ["aiperf", "profile"],
    ]
)


@settings(max_examples=100, deadline=None)
@given(PROGRAMS, WORDS)
def test_odd_command_lines_never_crash(program: list[str], words: list[str]) -> None:
    try:
        drafts = drafts_of([], [*program, *words], FlagValues())
    except AisbenchError:
        return
    for draft in drafts:
        tomllib.loads(draft.text())


@pytest.mark.parametrize(
    "text",
    [
        "--api-key sk-abcdefghijkl",
        "http://user:word@host/",
        "Authorization: Bearer abcdefg",
        "https://h/?api_key=abcdef",
        "--hf-token=hf_abcdefghijklmnopqrstu",
    ],
)
def test_secrets_are_hidden(text: str) -> None:
    found = hidden(text)

    for secret in ("abcdef", "word"):
        assert secret not in found


def test_ordinary_words_are_not_hidden() -> None:
    assert hidden("--models hf_base_model --tokenizer q") == "--models hf_base_model --tokenizer q"
    assert shown("max_tokens", 5) == "5"
    assert shown("api_key", "x") == "..."
