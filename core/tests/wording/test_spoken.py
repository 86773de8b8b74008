"""Parsers of commands speak the reader's language."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from aisbench.wording.spoken import command_parser


def test_a_parser_of_a_command_speaks_the_language_and_keeps_to_its_columns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AISBENCH_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "60")
    parser = command_parser("made-up", "Ask models.")
    parser.add_argument("--limit", type=int, help="一二三四五六七八九十。" * 6)
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="everything that plugins offer (the default)")
    text = parser.format_help()
    assert text.startswith("用法： aisbench made-up")
    assert "插件提供的一切（默认）" in text
    assert max(map(cell_len, text.splitlines())) <= 60
    assert not any(line.lstrip().startswith("。") for line in text.splitlines())
    with pytest.raises(SystemExit):
        parser.parse_args(["--limit", "x"])
    told = capsys.readouterr().err
    assert told.startswith("用法： aisbench made-up [-h]")
    assert "错误：参数 --limit：无效的整数：'x'" in told
    with pytest.raises(SystemExit):
        parser.parse_args(["--lim", "3"])  # no abbreviations
