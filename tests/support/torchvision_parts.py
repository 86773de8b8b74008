"""torchvision as far as processors of pictures and films need it: its transforms.

Its wheels on the package index are built for CUDA, whose libraries a CPU build of torch lacks, so
that its compiled parts cannot be loaded. The operators that it asks for when it is imported are
declared in their place, and pictures are decoded by Pillow.
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


_DECODED = """

# Made by aisbench's tests, where the compiled decoders cannot be loaded.
if not _has_image_ops():

    def decode_image(input, mode=ImageReadMode.UNCHANGED, apply_exif_orientation=False):
        import io

        import numpy
        from PIL import Image

        with Image.open(io.BytesIO(bytes(input.numpy()))) as picture:
            pixels = numpy.array(picture.convert("RGB"))
        return torch.from_numpy(pixels).permute(2, 0, 1).contiguous()
"""


def declare_operators(site: Path) -> None:
    """Let the torchvision in ``site`` be imported beside a CPU build of torch."""
    for name, more in (("extension.py", _DECLARED), ("io/image.py", _DECODED)):
        file = site / "torchvision" / name
        text = file.read_text(encoding="utf-8")
        if more not in text:
            file.write_text(text + more, encoding="utf-8")
