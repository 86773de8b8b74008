"""torchvision as far as processors of pictures and films need it: its transforms.

Its wheels on the package index are built for CUDA, whose libraries a CPU build of torch lacks, so
that its compiled operators cannot be loaded. None of them is needed here: those that the package
asks for when it is imported are declared in their place.
"""

from __future__ import annotations

from pathlib import Path

TORCHVISION = "torchvision==0.28.0"
_DECLARED = """

# Declared by aisbench's tests, where the compiled operators cannot be loaded.
if not _has_ops():
    _declared = torch.library.Library("torchvision", "DEF")
    for _name in ("nms", "qnms"):
        _declared.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
"""


def declare_operators(site: Path) -> None:
    """Let the torchvision in ``site`` be imported beside a CPU build of torch."""
    file = site / "torchvision" / "extension.py"
    text = file.read_text(encoding="utf-8")
    if _DECLARED not in text:
        file.write_text(text + _DECLARED, encoding="utf-8")
