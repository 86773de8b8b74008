"""Addresses and names of keys, as suites have them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aisbench_plugin_migrate.secret import hidden

_ROUTES = ("/chat/completions", "/completions", "/responses", "/embeddings")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
FALLBACK = "API_KEY"


def server_url(given: str) -> str:
    """The address of a server, without the routes that backends add (/v1/chat/completions), and
    without a user's name and password in it."""
    text = given.strip().rstrip("/")
    if "://" not in text:
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "http://localhost:8000"
    path = parts.path.rstrip("/")
    for route in _ROUTES:
        path = path.removesuffix(route)
    path = path.rstrip("/")
    if path.endswith("/v1"):
        path = path.removesuffix("/v1")
    query = "" if hidden(f"?{parts.query}") != f"?{parts.query}" else parts.query
    return urlunsplit((parts.scheme, host, path, query, ""))


def route_of(given: str) -> str:
    """The route behind the address, where it is none of the usual ones: "
    ""/api/v3/chat/completions"."""
    path = urlsplit(given if "://" in given else f"http://{given}").path.rstrip("/")
    found = next((one for one in _ROUTES if path.endswith(one)), None)
    return "" if found is None or path.endswith(f"/v1{found}") else path


def api_key_name(variable: str, value: Any = "") -> str:
    """The environment variable that a suite names for a key: the one that was named, where it can
    be one. ``$NAME`` of a shell names one, too."""
    if not variable and isinstance(value, str) and value.startswith("$"):
        variable = value.strip("${}")
    if value == "ENV":
        variable = "OPENAI_API_KEY"
    return variable if _NAME.match(variable) else FALLBACK
