"""Model, tokenizer and processor, from a folder or the hub."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from attrs import define

from aisbench.api import AisbenchError
from aisbench.codec import Renderer
from aisbench_plugin_transformers.settings import HfSettings

log = logging.getLogger(__name__)


@define
class Loaded:
    """Everything that answers need. ``defaults`` is the model's own GenerationConfig, which it no
    longer has: Transformers would mix it into what it is told. ``length`` is how many tokens the
    model takes, None when it does not say."""

    model: Any
    tokenizer: Any
    processor: Any
    renderer: Renderer
    device: Any
    defaults: Any
    length: int | None


def load(settings: HfSettings) -> Loaded:
    """Raises AisbenchError with a sentence for the user."""
    try:
        import torch
        import transformers
    except ImportError as error:
        raise AisbenchError(
            f"hf needs torch and transformers; {error.name} is not installed",
            hint='pip install "aisbench-plugin-transformers[all]" (torch for your hardware first)',
        ) from error
    common: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    if settings.revision:
        common["revision"] = settings.revision
    path = str(settings.path)
    if path.startswith("/") and not Path(path).exists():
        raise AisbenchError(
            f"{path}: does not exist", hint="set `path` to the model's folder, or its hub name"
        )
    device = pick_device(settings.device, torch)
    try:
        config = transformers.AutoConfig.from_pretrained(path, **common)
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(settings.tokenizer_path or path), **common
        )
        processor = _processor(settings, config, transformers, common)
        model = _model(settings, config, processor, device, torch, transformers, common)
    except AisbenchError:
        raise
    except Exception as error:
        # The library raises OSError, ValueError, KeyError and more.
        text = str(error).strip().splitlines()
        raise AisbenchError(
            f"{path}: cannot be loaded: {text[0] if text else type(error).__name__}",
            hint="check `path`: a folder with config.json, weights and tokenizer, or a name on "
            "the hub (which needs a connection or a filled cache)",
        ) from error
    template = None
    if settings.chat_template is not None:
        try:
            template = settings.chat_template.read_text(encoding="utf-8")
        except OSError as error:
            raise AisbenchError(
                f"chat_template: {settings.chat_template}: {error.strerror or error}"
            ) from error
    defaults = model.generation_config
    model.generation_config = transformers.GenerationConfig()
    text_config = config.get_text_config() if hasattr(config, "get_text_config") else config
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        processor=processor,
        renderer=Renderer(tokenizer, processor, template, settings.template_arguments),
        device=device,
        defaults=defaults,
        length=settings.max_length or getattr(text_config, "max_position_embeddings", None),
    )


def pick_device(name: str, torch: Any) -> Any:
    """The device that is meant. Raises AisbenchError when it is not here."""
    if name == "auto":
        if torch.cuda.is_available():
            name = "cuda"
        elif _npu(torch):
            name = "npu"
        else:
            mps = getattr(torch.backends, "mps", None)
            name = "mps" if mps is not None and mps.is_available() else "cpu"
    elif name.startswith("npu"):
        _npu(torch)
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        text = str(error).strip().splitlines()
        raise AisbenchError(
            f"device {name!r} cannot be used: {text[0] if text else type(error).__name__}",
            hint='set device = "auto", "cpu", "cuda", "cuda:1", "npu" or "mps"',
        ) from error
    return device


def _npu(torch: Any) -> bool:
    """Whether there is an Ascend device; importing torch_npu makes torch know it."""
    try:
        import torch_npu  # noqa: F401
    except ImportError:
        return False
    return bool(torch.npu.is_available())


def _processor(settings: HfSettings, config: Any, transformers: Any, common: Any) -> Any:
    """What puts pictures and text together; None for models of text alone."""
    mapping = transformers.models.auto.modeling_auto.MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES
    if config.model_type not in mapping:
        return None
    return transformers.AutoProcessor.from_pretrained(
        str(settings.tokenizer_path or settings.path), **common, **settings.processor
    )


def _model(
    settings: HfSettings,
    config: Any,
    processor: Any,
    device: Any,
    torch: Any,
    transformers: Any,
    common: dict[str, Any],
) -> Any:
    keys = dict(common)
    keys["dtype"] = "auto" if settings.dtype == "auto" else getattr(torch, settings.dtype)
    if settings.device_map:
        keys["device_map"] = settings.device_map
    if settings.attention:
        keys["attn_implementation"] = settings.attention
    kind = (
        transformers.AutoModelForCausalLM
        if processor is None
        else transformers.AutoModelForImageTextToText
    )
    model = kind.from_pretrained(str(settings.path), config=config, **keys)
    if settings.peft:
        try:
            import peft
        except ImportError as error:
            raise AisbenchError(
                "an adapter needs peft, which is not installed", hint="pip install peft"
            ) from error
        model = peft.PeftModel.from_pretrained(model, str(settings.peft))
    return (model if settings.device_map else model.to(device)).eval()
