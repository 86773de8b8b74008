"""The chat template beside a model's tokenizer, which makes one text of a chat.

It is used only for counting: servers apply their own. Templates are programs in Jinja; they run
in its immutable sandbox with the helpers that Transformers gives them
(``transformers.utils.chat_template_utils``).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from aisbench.types.json import JsonObject

_FILES = ("chat_template.jinja", "tokenizer_config.json")


@frozen
class JinjaChatTemplate:
    """``compiled`` is a template of Jinja, ``tokens`` the special ones by name (``bos_token``)."""

    compiled: Any
    tokens: Mapping[str, str]

    def render(self, chat: JsonObject) -> str | None:
        """The text of ``chat``: its ``messages``, and if any ``tools`` and ``arguments``; None
        when the template refuses it."""
        arguments: Any = chat.get("arguments") or {}
        try:
            text: str = self.compiled.render(
                messages=chat["messages"],
                tools=chat.get("tools"),
                documents=None,
                add_generation_prompt=True,
                **{**self.tokens, **arguments},
            )
        except Exception:  # noqa: BLE001 - templates may raise anything
            return None
        return text


def load_chat_template(tokenizer: str) -> JinjaChatTemplate | None:
    """The template beside ``tokenizer``: a folder, a tokenizer.json in one, or a name on the hub
    whose files are in its cache. None where there is none, or none that can be read.

    Where a tokenizer has several, the one named "default".
    """
    found = {name: _beside(tokenizer, name) for name in _FILES}
    config = _object(found["tokenizer_config.json"])
    source = found["chat_template.jinja"] or _chosen(config.get("chat_template"))
    if not source:
        return None
    compiled = _compile(source)
    if compiled is None:
        return None
    tokens = {}
    for name, value in config.items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            tokens[name] = text
    return JinjaChatTemplate(compiled, tokens)


def _beside(tokenizer: str, name: str) -> str:
    path = Path(tokenizer).expanduser()
    local = path.is_absolute() or path.is_dir() or path.suffix == ".json"
    try:
        if local:
            return ((path if path.is_dir() else path.parent) / name).read_text(encoding="utf-8")
        import huggingface_hub

        cached = huggingface_hub.try_to_load_from_cache(tokenizer, name)
        return Path(cached).read_text(encoding="utf-8") if isinstance(cached, str) else ""
    except (OSError, ValueError):
        return ""


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _chosen(value: Any) -> str:
    if isinstance(value, list):
        named = {one.get("name"): one.get("template") for one in value if isinstance(one, dict)}
        value = named.get("default")
    return value if isinstance(value, str) else ""


def _compile(source: str) -> Any:
    import jinja2
    import jinja2.sandbox

    def refuse(message: str) -> None:
        raise jinja2.TemplateError(message)

    def now(form: str) -> str:
        return datetime.datetime.now().strftime(form)

    def dump(value: Any, indent: int | None = None) -> str:
        return json.dumps(value, ensure_ascii=False, indent=indent)

    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = dump
    environment.globals.update(raise_exception=refuse, strftime_now=now)
    try:
        return environment.from_string(source)
    except jinja2.TemplateError:
        return None


def chat_of(messages: Sequence[Mapping[str, Any]], **more: Any) -> JsonObject:
    """A chat as it is kept until it is rendered."""
    return {"messages": list(messages), **{key: value for key, value in more.items() if value}}
