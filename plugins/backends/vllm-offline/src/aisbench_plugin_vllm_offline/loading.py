"""The engine, and what is known of a model without it: files, tokenizer, its own settings."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aisbench.api import AisbenchError, ModelDescription, Prompt
from aisbench.codec import (
    OwnSettings,
    Renderer,
    check_adapter,
    check_folder,
    check_local_adapters,
    check_readers,
    digest,
    fingerprint_of_adapters,
    fingerprint_of_model,
    model_folder,
    named,
    rule_of,
    surely_missing,
    tensor_names,
)
from aisbench_plugin_vllm_offline.settings import OfflineSettings

log = logging.getLogger(__name__)

GENERATION_CONFIG = "generation_config.json"


def check(settings: OfflineSettings, prompts: Sequence[Prompt]) -> None:
    """What is known before the engine is started. Raises AisbenchError."""
    try:
        import transformers
    except ImportError as error:
        raise not_installed(error) from error
    check_files(settings)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(settings.tokenizer_path or settings.path),
            revision=settings.revision or None,
            trust_remote_code=settings.trust_remote_code,
        )
    except Exception as error:  # noqa: BLE001 - vLLM reads tokenizers that Transformers does not
        log.debug("no tokenizer to look at beforehand: %r", error)
        return
    shown = any(prompt.media for prompt in prompts)
    found = processor(settings) if shown else None
    renderer = Renderer(tokenizer, found, template_of(settings), settings.template_arguments)
    for prompt in prompts:
        renderer.check(prompt)
    check_readers(prompts)


def not_installed(error: ImportError) -> AisbenchError:
    return AisbenchError(
        f"vllm-offline needs vLLM, which is not installed here ({error})",
        hint="pip install vllm, or the build of your hardware: "
        "https://docs.vllm.ai/en/latest/getting_started/installation",
    )


def check_files(settings: OfflineSettings) -> None:
    """That local folders are there, and their weights whole."""
    check_folder("path", str(settings.path))
    if check_folder("lora", str(settings.lora)):
        check_adapter(Path(str(settings.lora)))
    check_local_adapters(settings.loras, str(settings.lora), "lora")


def check_tensors(settings: OfflineSettings) -> str:
    """That all tensors of the architecture are in the files: vLLM leaves those of a missing layer
    as it made them. Returns why that could not be checked, or nothing. Raises AisbenchError."""
    folder = model_folder(str(settings.path), settings.revision)
    there = None if folder is None else tensor_names(folder)
    if not there:
        return "no safetensors files"
    import torch
    import transformers

    keys: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **keys)
        kind = transformers.AutoModelForCausalLM
        if type(config) not in kind._model_mapping:
            kind = transformers.AutoModelForImageTextToText
        with torch.device("meta"):
            model = kind.from_config(config, **keys)
    except Exception as error:  # noqa: BLE001 - vLLM knows models that Transformers does not
        log.debug("the tensors of %s cannot be foretold: %r", folder, error)
        return f"Transformers does not know the architecture ({type(error).__name__})"
    # A tensor with several names appears here once, as in the files.
    expected = {name for name, _ in model.named_parameters()}
    if getattr(config.get_text_config(), "tie_word_embeddings", False):
        head = model.get_output_embeddings()
        expected -= {f"{name}.weight" for name, one in model.named_modules() if one is head}
    if lost := surely_missing(there, expected):
        raise AisbenchError(
            f"{settings.path}: {len(lost)} tensors of the model are not in its files, and would "
            f"be whatever vLLM made them: {named(lost)}",
            hint="the checkpoint is not whole, or not of the architecture that its config.json "
            f"names ({', '.join(config.architectures or ['none'])})",
        )
    return ""


def arguments(settings: OfflineSettings) -> dict[str, Any]:
    """Of ``vllm.LLM``."""
    found: dict[str, Any] = {
        "model": str(settings.path),
        "dtype": settings.dtype,
        "max_num_seqs": settings.max_num_seqs,
        "tensor_parallel_size": settings.tensor_parallel_size,
        "gpu_memory_utilization": settings.gpu_memory_utilization,
        "enforce_eager": settings.enforce_eager,
        "trust_remote_code": settings.trust_remote_code,
        "disable_log_stats": True,
        "seed": 0,
    }
    optional = {
        "tokenizer": str(settings.tokenizer_path),
        "revision": settings.revision,
        "quantization": settings.quantization,
        "max_model_len": settings.max_model_len,
        "mm_processor_kwargs": dict(settings.processor),
    }
    found |= {name: value for name, value in optional.items() if value}
    if settings.lora:
        found |= {"enable_lora": True, "max_lora_rank": settings.lora_rank}
    if settings.loras:
        found |= {
            "enable_lora": True,
            "max_lora_rank": settings.lora_rank,
            "max_loras": len(settings.loras),
        }
    return {**found, **settings.engine}


def template_of(settings: OfflineSettings) -> str | None:
    """Raises AisbenchError."""
    if settings.chat_template is None:
        return None
    try:
        return settings.chat_template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise AisbenchError(f"chat_template: {settings.chat_template}: {why}") from error


def processor(settings: OfflineSettings) -> Any:
    """What knows how pictures, sounds and films are written; None for models of text alone. Raises
    AisbenchError where a library that it needs is not installed."""
    from transformers import AutoProcessor, PreTrainedTokenizerBase

    try:
        found = AutoProcessor.from_pretrained(
            str(settings.tokenizer_path or settings.path),
            revision=settings.revision or None,
            trust_remote_code=settings.trust_remote_code,
        )
    except ImportError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise AisbenchError(
            f"{settings.path}: its processor needs a library that is not installed: "
            f"{lines[0] if lines else error}",
            hint="pip install torchvision (the build that goes with your torch), or what it names",
        ) from error
    except Exception as error:  # noqa: BLE001 - models of text alone fail in many ways
        log.debug("no processor: %r", error)
        return None
    # Models of text alone give their tokenizer.
    return None if isinstance(found, PreTrainedTokenizerBase) else found


def generation_config(settings: OfflineSettings, model_config: Any) -> dict[str, Any]:
    """The content of the model's generation_config.json, or of what vLLM's ``generation_config``
    and ``override_generation_config`` say instead. Raises AisbenchError."""
    source = settings.engine.get("generation_config", "auto")
    if source == "vllm":
        found: dict[str, Any] = {}
    else:
        name = str(settings.path) if source == "auto" else str(source)
        folder = model_folder(name, settings.revision if source == "auto" else "")
        file = None if folder is None else folder / GENERATION_CONFIG
        if file is not None and file.is_file():
            found = _read(file)
        else:
            found = dict(model_config.try_get_generation_config() or {})
    override = settings.engine.get("override_generation_config")
    return {**found, **(override if isinstance(override, Mapping) else {})}


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AisbenchError(f"{file}: is not JSON: {error}") from error
    return found if isinstance(found, dict) else {}


def fingerprint(settings: OfflineSettings) -> dict[str, str]:
    """What decides the answers, by name; of a hub's model that is not in its cache yet nothing."""
    found = fingerprint_of_model(
        str(settings.path),
        settings.revision,
        tokenizer=str(settings.tokenizer_path),
        adapter=str(settings.lora),
    )
    found |= fingerprint_of_adapters(settings.loras)
    own = settings.engine.get("generation_config", "auto")
    if own not in ("auto", "vllm") and (Path(str(own)) / GENERATION_CONFIG).is_file():
        found[f"engine/{GENERATION_CONFIG}"] = digest(Path(str(own)) / GENERATION_CONFIG)
    if settings.chat_template is not None:
        found["chat_template"] = digest(settings.chat_template)
    return found


def description(
    own: OwnSettings, fingerprint: Mapping[str, str], dtype: Any, unchecked: str
) -> ModelDescription:
    """For the run's record."""
    kind = str(dtype).rpartition(".")[2]
    notes = [rule_of(own.values)]
    if kind != "float32":
        notes.append(
            f"computed in {kind}: what shares a step of the engine changes the last digits of "
            "logits, so answers that are drawn, or where two tokens are nearly alike, can depend "
            'on it; max_num_seqs = 1 or dtype = "float32" keeps them from it, and engine = { '
            'hf_overrides = { head_dtype = "float32" } } does so for the last layer'
        )
    if unchecked:
        notes.append(f"whether all its tensors are in its files was not checked: {unchecked}")
    if not fingerprint:
        notes.append("its files were not found: stored answers are known by its name alone")
    return ModelDescription(
        fingerprint=fingerprint,
        defaults=own.values,
        notes=tuple(notes),
        warnings=tuple(own.warnings("vllm-offline")),
    )
