"""Urls that already hold the endpoint, which the path of each request would add again."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Sequence

_ENDPOINTS = re.compile(
    r"(?:/v\d+)?/(?:chat/completions|completions|responses|embeddings|messages|models)\Z"
    r"|(?:/v2/models/[^/]+(?:/versions/[^/]+)?)?/(?:generate|generate_stream|infer|infer_token)\Z"
)
"""The ends of whole endpoints of common APIs, as examples with curl and other tools name them."""
_VERSION = re.compile(r"/v\d+(?=/)")
_AZURE = re.compile(r"/openai/deployments/[^/]+\Z")


def route_problem(url: str, routes: Sequence[str]) -> tuple[str, str] | None:
    """Why requests to ``routes`` below ``url`` cannot arrive, and what to write; None if they can.
    ``routes`` are the paths to which the backend sends its requests."""
    parts = urllib.parse.urlsplit(url)
    path = parts.path.rstrip("/")
    own = routes[0] if routes else ""

    def without(end: str) -> str:
        return urllib.parse.urlunsplit(parts._replace(path=path.removesuffix(end)))

    for route in routes:
        if len(route) > 1 and path.endswith(route):
            return (
                f"holds the route {route}, which is added to it",
                f'write url = "{without(route)}"',
            )
    for route in routes:
        bare = _VERSION.sub("", route, count=1)
        if bare != route and path.endswith(bare):
            return (
                f"ends in {bare}, and {route} would be added to it",
                f'write url = "{without(bare)}" and path = "{bare}"',
            )
    if found := _ENDPOINTS.search(path):
        wanted = f'write url = "{without(found.group())}"'
        if not own:
            return f"ends in {found.group()}: a route is added to the url", wanted
        return (
            f"ends in {found.group()}, and this backend asks {own}",
            f"{wanted}, and the backend that speaks what is there "
            "(aisbench plugins list --kind backend)",
        )
    if _AZURE.search(path) and (version := _VERSION.match(own)):
        bare = own[version.end() :]
        return (
            f"is a deployment on Azure, which does not have {own}",
            f'set path = "{bare}" as well',
        )
    return None
