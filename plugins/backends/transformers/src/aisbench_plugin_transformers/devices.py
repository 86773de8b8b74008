"""Where a model is computed."""

from __future__ import annotations

from typing import Any

from aisbench.api import AisbenchError


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
