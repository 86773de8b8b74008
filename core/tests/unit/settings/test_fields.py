"""Secrets as references, and where data lives."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest
from attrs import frozen

from aisbench.settings.fields import Secret, data_home, setting


def test_a_secret_shows_only_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = Secret("UNIT_KEY")
    monkeypatch.delenv("UNIT_KEY", raising=False)
    assert secret.reveal() is None
    monkeypatch.setenv("UNIT_KEY", "hunter2")
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in f"{secret} {secret!r}"
    assert str(secret) == "env:UNIT_KEY"


def test_data_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("AISBENCH_DATA", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert data_home() == Path("/home/someone/.local/share/aisbench")
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    assert data_home() == Path("/xdg/aisbench")
    monkeypatch.setenv("AISBENCH_DATA", "/own")
    assert data_home() == Path("/own")


def test_fields_are_by_name_and_carry_their_help() -> None:
    @frozen
    class Some:
        a: int = setting(help="first", unit="s")
        b: list[int] = setting(factory=list, help="second")

    with pytest.raises(TypeError):
        Some(1)  # type: ignore[misc]
    first, second = Some(a=1), Some(a=1)
    assert first.b is not second.b
    field = attrs.fields(Some).a
    assert (field.metadata["help"], field.metadata["unit"]) == ("first", "s")
