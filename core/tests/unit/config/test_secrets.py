"""Which values of the environment a plan sends, and what is told of them beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.base.errors import AisbenchError
from aisbench.config.plan import Plan
from aisbench.config.planner import make_plan
from aisbench.config.secrets import check_own_keys, doubts, redactor_of, variables
from aisbench.config.source import read_source
from aisbench.plugins.discovery import discover
from aisbench.store.redactor import HIDDEN

TEXT = """\
[models.m]
backend = "vllm-chat"
url = "https://h:1"
proxy = "environment"
api_key = "env:T_KEY"
headers = { X-Team = { env = "T_TEAM" }, X-Plain = "plain" }
[datasets.d]
dataset = "gsm8k-demo"
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    path = tmp_path / "s.toml"
    path.write_text(TEXT, encoding="utf-8")
    return make_plan(read_source(path), discover())


def test_variables(plan: Plan) -> None:
    assert variables(plan) == {
        "T_KEY": "models.m.api_key",
        "T_TEAM": "models.m.headers.X-Team",
    }


def test_everything_is_hidden(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T_KEY", "sk-one-two-3")
    monkeypatch.setenv("T_TEAM", "team-four-5")
    monkeypatch.setenv("https_proxy", "http://me:pass%2Dword-6@proxy:1")
    made = redactor_of(plan)
    known = ["sk-one-two-3", "team-four-5", "pass-word-6", "pass%2Dword-6", "me:pass-word-6"]
    for said in known:
        assert made.clean(f"no {said}!") == f"no {HIDDEN}!"
    assert made.clean("Basic bWU6cGFzcy13b3JkLTY=") == f"Basic {HIDDEN}"


def test_doubts(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("T_KEY", raising=False)
    monkeypatch.setenv("T_TEAM", "a\nb")
    unset, wrong = doubts(plan)
    assert "models.m.api_key: the environment variable T_KEY is not set here" in unset
    assert "T_TEAM holds a line break" in wrong
    monkeypatch.setenv("T_KEY", "secret")
    monkeypatch.setenv("T_TEAM", "fine-enough-1")
    [word] = doubts(plan)
    assert "plain word" in word


def test_a_backends_own_key_that_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is sent, and not as a bug of the backend that cannot sign."""
    pytest.importorskip("aisbench_plugin_anthropic", reason="the backend is not installed")
    path = tmp_path / "s.toml"
    path.write_text(
        TEXT.replace("vllm-chat", "anthropic-messages").replace("api_key", "key"), encoding="utf-8"
    )
    (model,) = make_plan(read_source(path), discover()).models
    monkeypatch.delenv("T_KEY", raising=False)
    with pytest.raises(
        AisbenchError, match=r"models\.m\.key: the environment variable T_KEY is not"
    ):
        check_own_keys(model)
    monkeypatch.setenv("T_KEY", "sk-one-two-3")
    check_own_keys(model)
