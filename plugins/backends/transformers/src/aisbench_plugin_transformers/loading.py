"""Model, tokenizer and processor, from a folder or the hub."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define

from aisbench.api import AisbenchError, JsonObject, ModelDescription, Prompt
from aisbench.codec import (
    OwnSettings,
    Renderer,
    check_folder,
    check_local_adapters,
    check_readers,
    digest,
    fingerprint_of_adapters,
    fingerprint_of_model,
    model_folder,
    own_settings,
    rule_of,
)
from aisbench_plugin_transformers.devices import pick_device
from aisbench_plugin_transformers.processing import processor_of
from aisbench_plugin_transformers.sampling import HONOURED
from aisbench_plugin_transformers.settings import HfSettings
from aisbench_plugin_transformers.weights import load_model


@define
class Loaded:
    """Everything that answers need. ``own`` is what the model's generation_config.json says, which
    the model itself no longer has: Transformers would mix it into what it is told. ``ends`` are
    the tokens that end an answer, ``length`` how many tokens the model takes, None when it does
    not say."""

    model: Any
    tokenizer: Any
    processor: Any
    renderer: Renderer
    device: Any
    own: JsonObject
    ends: tuple[int, ...]
    length: int | None
    description: ModelDescription


def check(settings: HfSettings, prompts: Sequence[Prompt]) -> None:
    """What is known before the weights are loaded. Raises AisbenchError."""
    transformers = _libraries()[1]
    _check_files(settings)
    tokenizer, processor, _ = _reading(settings, transformers)
    renderer = _renderer(settings, tokenizer, processor)
    for prompt in prompts:
        renderer.check(prompt)
    check_readers(prompts)


def load(settings: HfSettings) -> Loaded:
    """Raises AisbenchError with a sentence for the user."""
    torch, transformers = _libraries()
    _check_files(settings)
    device = pick_device(settings.device, torch)
    before = _fingerprint(settings)
    tokenizer, processor, config = _reading(settings, transformers)
    renderer = _renderer(settings, tokenizer, processor)
    with _told(settings):
        made = load_model(settings, config, device, torch, transformers)
        found = _generation_config(settings, made.model)
    fingerprint = _fingerprint(settings)
    if before and fingerprint != before:
        raise AisbenchError(
            f"{settings.path}: its files changed while they were loaded",
            hint="wait until whatever writes there is done",
        )
    own = own_settings(found, HONOURED)
    made.model.generation_config = transformers.GenerationConfig()
    text_config = config.get_text_config() if hasattr(config, "get_text_config") else config
    return Loaded(
        model=made.model,
        tokenizer=tokenizer,
        processor=processor,
        renderer=renderer,
        device=device,
        own=own.values,
        ends=_ends(found, tokenizer),
        length=settings.max_length or getattr(text_config, "max_position_embeddings", None),
        description=_description(settings, made.model, own, fingerprint, made.warnings),
    )


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise AisbenchError(
            f"hf needs torch and transformers; {error.name} is not installed",
            hint='pip install "aisbench-plugin-transformers[all]" (torch for your hardware first)',
        ) from error
    return torch, transformers


def _check_files(settings: HfSettings) -> None:
    """That local folders are there, and their weights whole."""
    check_folder("path", str(settings.path))
    check_folder("peft", str(settings.peft))
    check_local_adapters(settings.loras, str(settings.peft), "peft")


@contextlib.contextmanager
def _told(settings: HfSettings) -> Iterator[None]:
    """The library raises OSError, ValueError, KeyError and more: one sentence of it."""
    try:
        yield
    except AisbenchError:
        raise
    except Exception as error:
        text = str(error).strip().splitlines()
        raise AisbenchError(
            f"{settings.path}: cannot be loaded: {text[0] if text else type(error).__name__}",
            hint="check `path`: a folder with config.json, weights and tokenizer, or a name on "
            "the hub (which needs a connection or a filled cache)",
        ) from error


def _common(settings: HfSettings) -> dict[str, Any]:
    """Arguments of all loaders."""
    found: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    if settings.revision:
        found["revision"] = settings.revision
    return found


def _reading(settings: HfSettings, transformers: Any) -> tuple[Any, Any, Any]:
    """Tokenizer, processor and configuration."""
    keys = _common(settings)
    with _told(settings):
        config = transformers.AutoConfig.from_pretrained(str(settings.path), **keys)
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(settings.tokenizer_path or settings.path), **keys
        )
        return tokenizer, processor_of(settings, config, transformers, keys), config


def _renderer(settings: HfSettings, tokenizer: Any, processor: Any) -> Renderer:
    template = None
    if settings.chat_template is not None:
        try:
            template = settings.chat_template.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AisbenchError(
                f"chat_template: {settings.chat_template}: "
                f"{getattr(error, 'strerror', None) or error}"
            ) from error
    return Renderer(tokenizer, processor, template, settings.template_arguments)


def _generation_config(settings: HfSettings, model: Any) -> Mapping[str, Any]:
    """The content of generation_config.json as it stands there; of a model without one, what its
    configuration says of generation, as old ones do."""
    found = _file(settings, "generation_config.json")
    if found is None:
        own: Mapping[str, Any] = model.generation_config.to_diff_dict()
        return own
    try:
        read = json.loads(found.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AisbenchError(f"{found}: is not JSON: {error}") from error
    return read if isinstance(read, dict) else {}


def _ends(found: Mapping[str, Any], tokenizer: Any) -> tuple[int, ...]:
    """Those that generation_config.json names, and the tokenizer's own."""
    named = found.get("eos_token_id")
    ids = [named] if isinstance(named, int) else list(named or ())
    if isinstance(tokenizer.eos_token_id, int):
        ids.append(tokenizer.eos_token_id)
    return tuple(dict.fromkeys(ids))


def _file(settings: HfSettings, name: str) -> Path | None:
    folder = model_folder(str(settings.path), settings.revision)
    found = None if folder is None else folder / name
    return found if found is not None and found.is_file() else None


def _fingerprint(settings: HfSettings) -> dict[str, str]:
    """What decides the answers, by name; of a hub's model that is not in its cache yet nothing."""
    found = fingerprint_of_model(
        str(settings.path),
        settings.revision,
        tokenizer=str(settings.tokenizer_path),
        adapter=str(settings.peft),
    )
    found |= fingerprint_of_adapters(settings.loras)
    if settings.chat_template is not None:
        found["chat_template"] = digest(settings.chat_template)
    return found


def _description(
    settings: HfSettings,
    model: Any,
    own: OwnSettings,
    fingerprint: Mapping[str, str],
    warnings: Sequence[str],
) -> ModelDescription:
    kind = str(model.dtype).rpartition(".")[2]
    notes = [rule_of(own.values)]
    if kind != "float32":
        notes.append(
            f"computed in {kind}: the size of a batch changes the last digits of logits, so "
            "answers that are drawn, or where two tokens are nearly alike, can depend on what "
            'shares their batch; batch_size = 1 or dtype = "float32" keeps them from it'
            + (", logits_dtype does so for the last layer" if settings.logits_dtype else "")
        )
    if not fingerprint:
        notes.append("its files were not found: stored answers are known by its name alone")
    return ModelDescription(
        fingerprint=fingerprint,
        defaults=own.values,
        notes=tuple(notes),
        warnings=(*own.warnings("hf"), *warnings),
    )
