"""URLs and headers that cannot be sent are refused; all others go out in ASCII."""

from __future__ import annotations

import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisbench.config.addresses import ascii_url, header_problem, url_problem, value_problem


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "is empty"),
        ("localhost:8000", 'did you mean "http://localhost:8000"?'),
        ("localhost", 'did you mean "http://localhost"?'),
        ("10.0.0.1:80/v1", 'did you mean "http://10.0.0.1:80/v1"?'),
        ("http:/host:1", 'did you mean "http://host:1"?'),
        ("//host", "must start with"),
        ("ws://h", "must start with"),
        ("file:///etc/passwd", "must start with"),
        ("unix:///tmp/vllm.sock", "Unix sockets are not supported"),
        ("http://", "name a host"),
        ("http:///v1", "name a host"),
        ("http://:80", "name a host"),
        ("http://h:", "a port after"),
        ("http://h:0", "from 1 to 65535"),
        ("http://h:99999", "from 1 to 65535"),
        ("http://h:65536/v1", "from 1 to 65535"),
        ("http://h:x", "from 1 to 65535"),
        ("http://h:-1", "from 1 to 65535"),
        ("http://h:+1", "from 1 to 65535"),
        ("http://h:\u0661", "from 1 to 65535"),
        ("http://h:8_0", "from 1 to 65535"),
        ("http://[::1", '"["'),
        ("http://[::1]x", "a port after"),
        ("http://[::1]:99999", "from 1 to 65535"),
        ("http://[1.2.3.4]", "no IPv6"),
        ("http://[x]", "no IPv6"),
        ("http://[]", "no IPv6"),
        ("http://h]", "brackets"),
        ("http://a[0]", "brackets"),
        ("http://::1:80", "several colons"),
        ("http://me:secret-word@h:1", "no user name"),
        ("http://me@h", "no user name"),
        ("http://h/?api-key=1", "looks like a secret"),
        ("http://h?a=1&sig=2", "looks like a secret"),
        ("http://h/#x", 'no "#"'),
        ("http://h h/", "space"),
        (" http://h", "space"),
        ("http://h\u00a0/", "space"),
        ("http://h/a\nX: y", "line break"),
        ("http://h/\r", "line break"),
        ("http://h/\x1b[31m", "U+001B"),
        ("http://\x7f", "U+007F"),
        ("http://h/\u202e", "U+202E"),
        ("http://h/\u200b", "U+200B"),
        ("http://h\\v1", "backslash"),
        ("http://..", "cannot be"),
        ("http://a..b", "cannot be"),
        ("http://.a", "cannot be"),
        ("http://-", "cannot be"),
        ("http://a%20b", "cannot be"),
        ("http://a,b", "cannot be"),
        ("http://" + "a" * 64, "cannot be"),
        ("http://" + "a." * 130 + "b", "cannot be"),
        ("http://\ud800", "not UTF-8"),
    ],
)
def test_refused(url: str, words: str) -> None:
    problem = url_problem(url)
    assert problem is not None
    assert words in problem
    assert "secret-word" not in problem


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://h", "http://h"),
        ("HTTP://Host:8000/V1", "http://host:8000/V1"),
        ("https://h/v1/", "https://h/v1/"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://[::1]:65535/x", "http://[::1]:65535/x"),
        ("http://[FE80::1]", "http://[fe80::1]"),
        ("http://my_service:80", "http://my_service:80"),
        ("http://host.", "http://host."),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("http://例え.jp:80", "http://xn--r8jz45g.jp:80"),
        ("http://h/a%2Fb/~c", "http://h/a%2Fb/~c"),
        ('http://h/"<x>"', "http://h/%22%3Cx%3E%22"),
    ],
)
def test_sent_in_ascii(url: str, sent: str) -> None:
    assert url_problem(url) is None
    assert ascii_url(url) == sent
    assert url_problem(sent) is None
    assert ascii_url(sent) == sent


@given(
    st.text(max_size=30), st.sampled_from(["", "http://", "https://[", "http://h:", "HTTP://h/"])
)
def test_whatever_passes_can_be_sent(text: str, start: str) -> None:
    url = start + text
    if url_problem(url) is None:
        sent = ascii_url(url)
        assert sent.isascii()
        assert sent.isprintable()
        assert " " not in sent
        parts = urllib.parse.urlsplit(sent)
        assert parts.hostname
        assert parts.username is None
        assert parts.port is None or 1 <= parts.port <= 65535


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("X Team", "a", "cannot be the name"),
        ("", "a", "cannot be the name"),
        ("X-Tëam", "a", "cannot be the name"),
        ("X:", "a", "cannot be the name"),
        ("X\r\nY", "a", "cannot be the name"),
        ("X-Team", "a\nb", "line break"),
        ("X-Team", "a\rb", "line break"),
        ("X-Team", "a\0b", "U+0000"),
        ("X-Team", "\x1b", "U+001B"),
        ("X-Team", "\x7f", "U+007F"),
        ("X-Team", "a\udcff", "not UTF-8"),
        ("X-Api-Key", "abc", "looks like a secret"),
        ("content-length", "3", "the client's own"),
        ("Transfer-Encoding", "chunked", "the client's own"),
        ("Host", "a", "the client's own"),
    ],
)
def test_headers_refused(name: str, value: str, words: str) -> None:
    problem = header_problem({name: value})
    assert problem is not None
    assert words in problem


def test_headers_that_are_fine() -> None:
    assert header_problem({"X-Team": "研发", "x-b": "é\ta", "Authorization": object()}) is None
    assert value_problem("Bearer sk") is None


def test_a_header_given_twice() -> None:
    problem = header_problem({"X-Team": "a", "x-team": "b"})
    assert problem is not None
    assert "twice" in problem


def test_a_query_is_kept_and_a_proxy_has_none() -> None:
    assert url_problem("http://h/a?api-version=2024-10-21") is None
    assert url_problem("http://h?api-version=2024-10-21") is None
    assert ascii_url("HTTP://H?A=b c") == "http://h?A=b%20c"
    assert url_problem("http://h?a=1", query=False) == "must hold no query"
