"""Sections of models that are reached over HTTP, for all tools alike."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection, without_none
from aisbench_plugin_migrate.flags import Flags
from aisbench_plugin_migrate.keys import api_key_name, route_of, server_url
from aisbench_plugin_migrate.secret import is_no_key, is_secret
from aisbench_plugin_migrate.words import words

_USUAL = "http://localhost:8000"
_HEADER = re.compile(r"\s*([A-Za-z0-9-]+)\s*[:=]\s*(.*)\Z", re.DOTALL)


def add_service(draft: Draft, backend: str, url: str, model: str, name: str = "") -> DraftSection:
    """A section for a model behind an address; without one the usual address is a placeholder."""
    section = draft.section("models", draft.free_name("models", name or model or "model"))
    section.put("backend", backend)
    section.put(
        "url",
        server_url(url or _USUAL),
        "" if url else words().text("no address was given: this is the usual one"),
    )
    if url and (route := route_of(url)):
        section.put("path", route)
    if model:
        section.put("model", model)
    return section


def add_key(
    draft: Draft, section: DraftSection, value: str | None, place: str, variable: str
) -> None:
    """A reference to an environment variable, where a key was given. The key is not written."""
    if value is None or is_no_key(value):
        return
    name = api_key_name("" if value.startswith("$") else variable, value)
    comment = (
        ""
        if value.startswith("$")
        else words().text(
            "a key was written in {place}; it is not copied: set {name}", place=place, name=name
        )
    )
    section.put("api_key", f"env:{name}", comment)


def add_headers(draft: Draft, section: DraftSection, given: Sequence[str], flags: Flags) -> None:
    """Headers; those that may be secret become references to the environment."""
    headers: dict[str, Any] = {}
    for one in given:
        found = _HEADER.match(one.strip("{} "))
        if found is None:
            continue
        name, value = found[1], found[2].strip("\"' ")
        if name.lower() == "authorization":
            add_key(draft, section, value.removeprefix("Bearer ").strip(), flags.place, "API_KEY")
        elif is_secret(name):
            variable = name.upper().replace("-", "_")
            headers[name] = {"env": variable}
        else:
            headers[name] = value
    if headers:
        section.put("headers", headers)


def add_generation(section: DraftSection, given: Mapping[str, Any]) -> None:
    """Sampling settings, over those that are there."""
    given = dict(given)
    for key in [one for one, value in given.items() if is_secret(one) and isinstance(value, str)]:
        del given[key]
        section.say(
            words().text("{key} may be secret, and is not copied: headers take it", key=key)
        )
    made = without_none({**(section.get("generation") or {}), **given})
    if made:
        section.put("generation", made)
