"""Finished lines are translated where they are shown, whatever stands in their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.wording import lines
from aisbench.wording.language import LanguageError, language

KNOWN = {
    "error:": "错误：",
    "help:": "办法：",
    "{0} of {1} samples failed": "{1} 个样本中有 {0} 个失败",
    "cannot be read: {0}": "无法读取:{0}",
    "no such file": "没有这个文件",
    "is not here": "不在这里",
    "{0}: is not {1}": "{0}不是{1}",
    "must be {0} or more": "须为 {0} 或更大",
    "{0}, got {1}": "{0}，得到 {1}",
    "{0} asked": "问 {0}",
    "{0} failed": "失败 {0}",
    "of {0}: {1} samples": "{0} 之 {1} 个样本",
}


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    book = lines.book_of(KNOWN)
    monkeypatch.setattr(lines, "_book", lambda *_: book)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("3 of 10 samples failed", "10 个样本中有 3 个失败"),
        ("error: s.toml:3: cannot be read: no such file", "错误：s.toml:3: 无法读取:没有这个文件"),
        ("a\n  help: no such file", "a\n  办法：没有这个文件"),
        ("said by nobody", "said by nobody"),
        ("3 asked, 0 failed", "问 3, 失败 0"),
        ("no such file, 3 of 4 samples failed, x", "没有这个文件, 4 个样本中有 3 个失败, x"),
        ("", ""),
        ("s.toml:3: models.m.ur: is not here", "s.toml:3: models.m.ur: 不在这里"),
        ("must be 1 or more, got 'a, b'", "须为 1 或更大，得到 'a, b'"),
        ("   2 of 3 samples failed", "   3 个样本中有 2 个失败"),
    ],
)
def test_a_line_is_translated_with_what_stands_in_it(english: str, chinese: str) -> None:
    assert lines.translated(english, "zh") == chinese
    assert lines.translated(english, "en") == english


@given(
    st.text(), st.text(alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\n"))
)
def test_what_is_quoted_comes_through_whole(head: str, quoted: str) -> None:
    """Templates take nothing away from what users, models and servers wrote."""
    shown = lines.translated(f"cannot be read: <{quoted}>", "zh")
    assert shown in (f"无法读取:<{quoted}>", f"cannot be read: <{quoted}>")
    lines.translated(head, "zh")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("zh-Hans", "zh"),
        ("EN", "en"),
        ("C", "en"),
    ],
)
def test_language(monkeypatch: pytest.MonkeyPatch, value: str, expected: str) -> None:
    monkeypatch.setenv("AISBENCH_LANG", value)
    assert language() == expected


def test_an_unknown_language_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISBENCH_LANG", "klingon")
    with pytest.raises(LanguageError, match="klingon") as told:
        language()
    assert "en, zh" in told.value.hint
