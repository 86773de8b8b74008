"""The weights of a model and of an adapter: all of them, or none."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

from attrs import frozen

from aisbench.api import AisbenchError
from aisbench_plugin_transformers.processing import model_class
from aisbench_plugin_transformers.settings import HfSettings

DEFAULT = "default"
"""What PEFT calls an adapter that has no name."""
SHOWN = 8
"""Names of tensors in a message."""


@frozen(kw_only=True)
class Made:
    """A model whose weights are its files', and what is odd about them."""

    model: Any
    warnings: tuple[str, ...] = ()


def load_model(
    settings: HfSettings, config: Any, device: Any, torch: Any, transformers: Any
) -> Made:
    """Raises AisbenchError for tensors that the files lack or have in another shape: Transformers
    would fill those with random numbers and go on."""
    keys: dict[str, Any] = {"trust_remote_code": settings.trust_remote_code}
    if settings.revision:
        keys["revision"] = settings.revision
    keys["dtype"] = "auto" if settings.dtype == "auto" else getattr(torch, settings.dtype)
    if settings.device_map:
        keys["device_map"] = settings.device_map
    if settings.attention:
        keys["attn_implementation"] = settings.attention
    model, found = model_class(config, transformers).from_pretrained(
        str(settings.path),
        config=config,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # They are reported below, all of them by name.
        **keys,
    )
    _check(settings, config, found)
    # Qwen-Omni: what speaks is beside what thinks, which alone is asked here.
    model = getattr(model, "thinker", model)
    warnings = []
    if unexpected := sorted(found["unexpected_keys"]):
        warnings.append(
            f"{len(unexpected)} tensors of the files have no place in the model and are left "
            f"out: {_some(unexpected)}"
        )
    if settings.peft:
        model = _with_adapter(model, str(settings.peft), DEFAULT)
    for name, path in settings.loras.items():
        model = _with_adapter(model, str(path), name)
    model = (model if settings.device_map else model.to(device)).eval()
    if settings.logits_dtype == "float32":
        _exact_head(model, torch)
    return Made(model=model, warnings=tuple(warnings))


def _check(settings: HfSettings, config: Any, found: Any) -> None:
    hint = (
        "the checkpoint is not whole, or not of the architecture that its config.json names "
        f"({', '.join(config.architectures or ['none'])})"
    )
    if errors := found.get("error_msgs"):
        raise AisbenchError(f"{settings.path}: cannot be loaded: {errors[0]}", hint=hint)
    told = [
        f"{name} {_shape(there)} instead of {_shape(here)}"
        for name, there, here in sorted(found["mismatched_keys"])
    ]
    if told:
        raise AisbenchError(
            f"{settings.path}: {len(told)} tensors have another shape than the model that "
            f"config.json describes: {_some(told)}",
            hint=hint,
        )
    if missing := sorted(found["missing_keys"]):
        raise AisbenchError(
            f"{settings.path}: {len(missing)} tensors of the model are not in its files, and "
            f"would be random: {_some(missing)}",
            hint=hint,
        )


@contextlib.contextmanager
def answering(model: Any, settings: HfSettings, adapter: str) -> Iterator[None]:
    """An adapter of ``loras`` answers, or with "" none of them."""
    if not settings.loras:
        yield
    elif adapter:
        model.set_adapter(adapter)
        yield
    else:
        with model.disable_adapter():
            yield


def _with_adapter(model: Any, path: str, name: str) -> Any:
    """The model with one more adapter. Raises AisbenchError when a part of it would not be in the
    model."""
    try:
        import peft
    except ImportError as error:
        raise AisbenchError(
            "an adapter needs peft, which is not installed", hint="pip install peft"
        ) from error
    try:
        if isinstance(model, peft.PeftModel):
            made = model
            made.load_adapter(path, adapter_name=name)
        else:
            made = peft.PeftModel.from_pretrained(model, path, adapter_name=name)
        there = set(peft.utils.load_peft_weights(path, device="cpu"))
    except Exception as error:
        # Of the library come ValueError, KeyError, RuntimeError and OSError.
        text = str(error).strip().splitlines()
        raise AisbenchError(
            f"peft: {path}: cannot be loaded: {text[0] if text else type(error).__name__}",
            hint="check that it is an adapter (adapter_config.json beside its weights) of this "
            "very model",
        ) from error
    wanted = set(peft.get_peft_model_state_dict(made, adapter_name=name))
    hint = "the adapter is not whole, or was made for another model"
    if missing := sorted(wanted - there):
        raise AisbenchError(
            f"peft: {path}: {len(missing)} tensors of the adapter are not in its files: "
            f"{_some(missing)}",
            hint=hint,
        )
    if left := sorted(one for one in there - wanted if "lora_" in one):
        raise AisbenchError(
            f"peft: {path}: {len(left)} tensors of the adapter have no place in the model: "
            f"{_some(left)}",
            hint=hint,
        )
    return made


def _exact_head(model: Any, torch: Any) -> None:
    """Let the last layer compute in float32: its own copy, since the weights may be those of the
    first layer too."""
    old = model.get_output_embeddings()
    if old is None:
        raise AisbenchError(
            "logits_dtype: this model has no last layer of its own", hint="leave it out"
        )

    class Head(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.weight = torch.nn.Parameter(
                old.weight.detach().float().clone(), requires_grad=False
            )
            bias = getattr(old, "bias", None)
            self.bias = (
                None
                if bias is None
                else torch.nn.Parameter(bias.detach().float().clone(), requires_grad=False)
            )

        def forward(self, hidden: Any) -> Any:
            return torch.nn.functional.linear(hidden.float(), self.weight, self.bias)

    model.set_output_embeddings(Head())


def _shape(of: Iterable[int]) -> str:
    return "x".join(map(str, of))


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
