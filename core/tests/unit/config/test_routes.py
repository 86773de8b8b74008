"""Urls that hold the endpoint already: what to write instead."""

from __future__ import annotations

import pytest

from aisbench.config.routes import route_problem

CHAT = ["/v1/chat/completions"]
AZURE = "https://x.openai.azure.com/openai/deployments/gpt"


@pytest.mark.parametrize(
    ("url", "routes", "wanted"),
    [
        ("http://h:1/v1/chat/completions", CHAT, 'url = "http://h:1"'),
        ("http://h:1/v1/chat/completions/", CHAT, 'url = "http://h:1"'),
        ("http://h/team/v1/chat/completions", CHAT, 'url = "http://h/team"'),
        ("http://h/v1/completions", ["/v1/completions"], 'url = "http://h"'),
        ("http://h/v1/completions", CHAT, 'url = "http://h", and the backend'),
        ("http://h/v1/responses", ["/v1/responses"], 'url = "http://h"'),
        ("http://h/v1/models", CHAT, 'url = "http://h"'),
        ("http://h/generate_stream", ["/generate", "/generate_stream"], 'url = "http://h"'),
        ("http://h/v2/models/m/generate", [], 'url = "http://h"'),
        ("http://h/v2/models/m/versions/1/infer", [], 'url = "http://h"'),
        (
            f"{AZURE}/chat/completions?api-version=2024-10-21",
            CHAT,
            f'url = "{AZURE}?api-version=2024-10-21" and path = "/chat/completions"',
        ),
        (f"{AZURE}?api-version=2024-10-21", CHAT, 'path = "/chat/completions" as well'),
    ],
)
def test_what_to_write_is_said(url: str, routes: list[str], wanted: str) -> None:
    problem = route_problem(url, routes)
    assert problem is not None
    assert wanted in problem[1]


@pytest.mark.parametrize(
    ("url", "routes"),
    [
        ("http://h:1", CHAT),
        ("http://h:1/", CHAT),
        ("http://h/v1", CHAT),
        ("http://h/openai/v1?api-version=preview", CHAT),
        ("http://h/serving/generate-team", CHAT),
        ("http://h/completions-gateway", CHAT),
        (f"{AZURE}?api-version=2024-10-21", ["/chat/completions"]),
        ("http://h", ["/"]),
    ],
)
def test_a_base_is_left_alone(url: str, routes: list[str]) -> None:
    assert route_problem(url, routes) is None
