"""Secrets are hidden in text, in every form in which a server may repeat them."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.store.redactor import HIDDEN, Redactor

KEY = "sk-live-Zx9/Qw+7~é\"k&<\\m='n"
PLAIN = "sk-live-4fGh92kLmQw8ZtY1"


def redactor(*values: str) -> Redactor:
    made = Redactor()
    made.add(values)
    return made


def test_values_are_hidden_wherever_they_stand() -> None:
    text = "key sk-hunter2 is bad; sk-hunter2!"
    assert redactor("sk-hunter2").clean(text) == "key [secret] is bad; [secret]!"


def test_a_bearer_token_is_hidden_with_and_without_its_word() -> None:
    made = redactor("Bearer sk-hunter2")
    assert made.clean("got 'Bearer sk-hunter2'") == f"got 'Bearer {HIDDEN}'"
    assert made.clean("got 'sk-hunter2'") == f"got '{HIDDEN}'"


def test_the_longer_of_two_that_overlap_is_hidden_whole() -> None:
    made = redactor("hunter2", "hunter2-long")
    assert made.clean("hunter2-long hunter2") == f"{HIDDEN} {HIDDEN}"


def test_very_short_values_are_left_alone() -> None:
    assert redactor("a", "12345", "").clean("a man has 12345") == "a man has 12345"
    assert redactor("123456").clean("x123456x") == f"x{HIDDEN}x"


def test_without_secrets_nothing_changes() -> None:
    assert Redactor().clean("anything") == "anything"
    assert Redactor().row(b'{"a":1}') == b'{"a":1}'


@given(st.lists(st.text("abc", min_size=6, max_size=9)), st.text("abc", max_size=60))
@settings(deadline=None)
def test_no_secret_is_left(values: list[str], text: str) -> None:
    cleaned = redactor(*values).clean(text)
    assert not any(value in cleaned for value in values)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS = {
    "plain": lambda key: key,
    "json": lambda key: json.dumps(key),
    "json in json": lambda key: json.dumps(json.dumps({"key": key})),
    "json, not ascii": lambda key: json.dumps(key, ensure_ascii=False),
    "html": html.escape,
    "percent": lambda key: urllib.parse.quote(key, safe=""),
    "percent, path": urllib.parse.quote,
    "percent, lower": lambda key: re.sub(
        "%..", lambda hit: hit.group().lower(), urllib.parse.quote(key, safe="")
    ),
    "form": urllib.parse.quote_plus,
    "base64": b64,
    "basic": lambda key: f"Basic {b64('user:' + key)}",
    "basic, other name": lambda key: f"Basic {b64('me:' + key)}",
    "basic, no name": lambda key: f"Basic {b64(':' + key)}",
    "base64 in the middle": lambda key: b64(f"the key is {key}, they say"),
    "base64 of urls": lambda key: base64.urlsafe_b64encode(f"x{key}".encode()).decode(),
}


def traces(key: str) -> set[str]:
    """Stretches of eight characters of each form that must not be seen."""
    forms = {key, json.dumps(key)[1:-1], urllib.parse.quote(key, safe=""), b64(key)[:-4]}
    forms |= {b64("x" * skip + key)[4:-4] for skip in range(3)}
    return {form[at : at + 8] for form in forms for at in range(len(form) - 7)}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key", [KEY, PLAIN])
def test_every_form_is_hidden(form: str, key: str) -> None:
    made = redactor(key)
    said = FORMS[form](key)
    text = f"invalid key {said} given"
    for cleaned in (made.clean(text), made.whole(text), made.answer(text)):
        assert HIDDEN in cleaned
        assert not any(trace in cleaned for trace in traces(key))
    line = orjson.dumps({"text": text, "n": 1, said: [said]}) + b"\n"
    row = made.row(line)
    assert orjson.loads(row)["n"] == 1
    assert row.endswith(b"\n")
    assert not any(trace.encode() in row for trace in traces(key))


@given(st.integers(1, 60), st.sampled_from(list(FORMS)))
@settings(deadline=None)
def test_a_cut_leaves_no_piece(cut: int, form: str) -> None:
    said = FORMS[form](PLAIN)
    for text in (f"no: {said}"[: 4 + cut], f"no: {said[:cut]}…", f"no: {said[:cut]}... (cut)"):
        cleaned = redactor(PLAIN).clean(text)
        assert not any(trace in cleaned for trace in traces(PLAIN))
        if form == "plain" and cut >= 4:
            assert PLAIN[:4] not in cleaned
    cleaned = redactor(PLAIN).clean(f"…{said[cut:]} is wrong")
    assert not any(trace in cleaned for trace in traces(PLAIN))


def test_credentials_of_a_basic_header_are_known_by_their_parts() -> None:
    made = redactor(f"Basic {b64('user:pass-word-1')}")
    assert made.clean("user:pass-word-1") == HIDDEN
    assert made.clean("it is pass-word-1") == f"it is {HIDDEN}"


def test_a_secret_of_digits_breaks_no_number() -> None:
    made = redactor("123456789")
    row = made.row(b'{"time":1234567890,"text":"123456789 it is"}')
    assert orjson.loads(row) == {"time": 1234567890, "text": f"{HIDDEN} it is"}


@pytest.mark.parametrize("word", ["secret", "password", "EMPTYKEY", "12345678"])
def test_a_plain_word_is_hidden_in_errors_and_stays_in_answers(word: str) -> None:
    made = redactor(word)
    line = orjson.dumps({"text": f"the {word} of life"})
    assert made.row(line) is line
    assert made.answer(word) == word
    assert made.clean(f"bad key {word}") == f"bad key {HIDDEN}"


def test_a_row_without_secrets_is_the_same_object() -> None:
    line = orjson.dumps({"text": "nothing here"})
    assert redactor(PLAIN).row(line) is line


def test_values_are_cleaned_in_depth() -> None:
    made = redactor(PLAIN)
    assert made.error({"a": [PLAIN, {"b": f"x {PLAIN}"}], "n": 1}) == {
        "a": [HIDDEN, {"b": f"x {HIDDEN}"}],
        "n": 1,
    }
