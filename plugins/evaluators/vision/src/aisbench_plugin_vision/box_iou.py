"""The evaluator ``box-iou``: whether a box covers what it should.

L. Yu et al., "Modeling Context in Referring Expressions", ECCV 2016 (arXiv:1608.00272): right from
an intersection over union of 0.5, which counts itself. What the numbers of an answer mean is not
written in it: ``scale`` says so, or the answer is put into all scales that it fits, and is
unparsed where these disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import field, frozen

from aisbench.api import (
    Answer,
    DataError,
    JsonValue,
    Measure,
    Reading,
    Sample,
    Score,
    Verdict,
    between,
    setting,
)
from aisbench_plugin_vision.boxes import Numbers, Order, WrittenBox, written_boxes

Scale = Literal["auto", "1", "100", "999", "1000", "1024", "pixels"]
_PIXELS = 0.0
_UNIT_AT_MOST = 1.5  # a box may stand a little out of its picture
_ROUNDING = 1e-9


@frozen
class BoxIouSettings:
    """How boxes are written."""

    threshold: float = setting(
        default=0.5, check=between(0, 1), help="right from this intersection over union"
    )
    scale: Scale = setting(
        default="auto",
        help="what a coordinate is a share of: 1, 100, 999 (Qwen-VL), 1000 (Qwen2-VL, Qwen3-VL, "
        "InternVL), 1024 (PaliGemma), or pixels of the picture (Qwen2.5-VL); auto: what the "
        "answer's own form says, else every one that it fits, unparsed where they disagree",
        example="1000",
    )
    order: Literal["auto", "xyxy", "xywh", "yxyx", "cxcywh"] = setting(
        default="auto",
        help="what the four numbers are: corners, corner and size, corners with the vertical "
        "first, centre and size; auto: what the answer's form says, else corners",
        example="xywh",
    )
    several: Literal["first", "last", "none"] = setting(
        default="first", help="of boxes that differ: the one that counts, or none (unparsed)"
    )
    reference: Literal["xyxy", "xywh"] = setting(
        default="xyxy", help="what the reference's four numbers are, in pixels"
    )
    width: str = setting(
        default="width",
        help="the sample's field with the width of the picture, in pixels",
        example="image_width",
    )
    height: str = setting(
        default="height",
        help="the sample's field with the height of the picture, in pixels",
        example="image_height",
    )


@frozen
class _Corners:
    """Left, top, right, bottom; a box of no area where they meet."""

    x1: float
    y1: float
    x2: float
    y2: float
    swapped: bool = field(default=False, eq=False)

    @property
    def area(self) -> float:
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    def __str__(self) -> str:
        return f"[{self.x1:.1f}, {self.y1:.1f}, {self.x2:.1f}, {self.y2:.1f}]"


class BoxIou:
    """Intersection over union at a threshold; the mean of it is a measure beside."""

    def __init__(self, settings: BoxIouSettings) -> None:
        self._settings = settings

    def check(self, sample: Sample) -> None:
        """Raises DataError when the sample has no box, or not the size of its picture."""
        self._wanted(sample)
        self._size(sample)

    def score(self, sample: Sample, answer: Answer) -> Score:
        """Raises DataError when the sample has no box, or not the size of its picture."""
        wanted, size = self._wanted(sample), self._size(sample)
        found = written_boxes(answer.text)
        boxes = [one for one in found if one.is_finite]
        if not boxes:
            what = "a box of it is not of numbers" if found else "no box is in it"
            return _unparsed(what)
        taken, remark = self._choose(boxes)
        if taken is None:
            return _unparsed(remark)
        scales = self._scales(taken, size)
        placed = [self._placed(taken, scale, size) for scale in scales]
        if not placed:
            return _unparsed(f"{_shown(taken)} fits neither the picture nor a scale")
        ious = [overlap(one, wanted) for one in placed]
        rights = {self._right(iou) for iou in ious}
        if len(rights) > 1:
            named = " and ".join(map(_scale_name, scales))
            return _unparsed(
                f"{_shown(taken)} may be of {named}, and is right in one of them only: set scale"
            )
        best = self._best(boxes, wanted, size)
        right = rights == {True}
        return Score(
            value=float(right),
            verdict=Verdict.RIGHT if right else Verdict.WRONG,
            extracted=str(placed[0]),
            reason="; ".join(
                filter(None, (remark, "its corners are reversed" * placed[0].swapped))
            ),
            readings={"best box": Reading(value=float(self._right(best)), extracted=None)}
            if len(boxes) > 1
            else {},
            measures={"IoU": Measure(value=100 * min(ious), unit="%")},
        )

    def _right(self, iou: float) -> bool:
        return iou >= self._settings.threshold - _ROUNDING

    def _choose(self, boxes: list[WrittenBox]) -> tuple[WrittenBox | None, str]:
        """The box that counts, and what is to be said of the others."""
        if len({one.numbers for one in boxes}) == 1:
            return boxes[0], ""
        match self._settings.several:
            case "first":
                return boxes[0], f"{len(boxes)} boxes, of which the first counts"
            case "last":
                return boxes[-1], f"{len(boxes)} boxes, of which the last counts"
            case "none":
                return None, f"{len(boxes)} boxes, which differ"

    def _best(self, boxes: list[WrittenBox], wanted: _Corners, size: tuple[float, float]) -> float:
        """The best of all boxes in their likeliest scale."""
        return max(
            (
                overlap(self._placed(one, scale, size), wanted)
                for one in boxes
                for scale in self._scales(one, size)[:1]
            ),
            default=0.0,
        )

    def _scales(self, box: WrittenBox, size: tuple[float, float]) -> list[float]:
        """What the numbers may be shares of, the likeliest first; none: they fit nothing."""
        if self._settings.scale == "pixels":
            return [_PIXELS]
        if self._settings.scale != "auto":
            return [float(self._settings.scale)]
        if box.scale is not None:
            return [box.scale]
        low, high = min(box.numbers), max(box.numbers)
        broken = any(one != int(one) for one in box.numbers)
        if broken and low >= -0.5 and high <= _UNIT_AT_MOST:
            return [1.0]
        corners = _ordered(box.numbers, self._order(box))
        found = [1.0] if low >= 0 and high <= 1 else []
        if low >= 0 and high <= 1000:
            found.append(1000.0)
        width, height = size
        if low >= 0 and corners.x2 <= width + 1 and corners.y2 <= height + 1:
            found.append(_PIXELS)
        return found

    def _order(self, box: WrittenBox) -> Order:
        if self._settings.order != "auto":
            return self._settings.order
        return box.order or "xyxy"

    def _placed(self, box: WrittenBox, scale: float, size: tuple[float, float]) -> _Corners:
        """The box in pixels."""
        corners = _ordered(box.numbers, self._order(box))
        if scale == _PIXELS:
            return corners
        across, down = size[0] / scale, size[1] / scale
        return _Corners(
            corners.x1 * across,
            corners.y1 * down,
            corners.x2 * across,
            corners.y2 * down,
            corners.swapped,
        )

    def _wanted(self, sample: Sample) -> _Corners:
        numbers = _four(sample.target)
        corners = _ordered(numbers, self._settings.reference) if numbers else None
        if corners is None or corners.area <= 0 or corners.swapped:
            raise DataError(
                f"sample {sample.id} has no box to compare with: its target is "
                f"{sample.target!r:.200}",
                hint="the target is four numbers in pixels, [x1, y1, x2, y2], or with reference = "
                '"xywh" [x, y, width, height]',
            )
        return corners

    def _size(self, sample: Sample) -> tuple[float, float]:
        if self._settings.scale == "pixels":
            return 0.0, 0.0
        names = (self._settings.width, self._settings.height)
        width, height = (_number(sample.fields.get(name)) for name in names)
        if width is None or height is None or width <= 0 or height <= 0:
            raise DataError(
                f"sample {sample.id} does not say how large its picture is: fields "
                f"{' and '.join(names)}",
                hint='name its fields as width and height, or set scale = "pixels" where the '
                "answers are pixels",
            )
        return width, height


def overlap(one: _Corners, other: _Corners) -> float:
    """Intersection over union, 0..1; of two boxes without area 0."""
    across = min(one.x2, other.x2) - max(one.x1, other.x1)
    down = min(one.y2, other.y2) - max(one.y1, other.y1)
    shared = max(0.0, across) * max(0.0, down)
    union = one.area + other.area - shared
    return shared / union if union > 0 else 0.0


def _ordered(numbers: Numbers, order: Order) -> _Corners:
    """The corners, top left first; reversed ones are turned round, and say so."""
    a, b, c, d = numbers
    match order:
        case "xyxy":
            x1, y1, x2, y2 = a, b, c, d
        case "yxyx":
            x1, y1, x2, y2 = b, a, d, c
        case "xywh":
            x1, y1, x2, y2 = a, b, a + c, b + d
        case "cxcywh":
            x1, y1, x2, y2 = a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return _Corners(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2), swapped=x1 > x2 or y1 > y2)


def _four(target: JsonValue) -> Numbers | None:
    """Four numbers of a list, of an object's values, or of a text that holds a box."""
    if isinstance(target, str):
        found = [one for one in written_boxes(target) if one.is_finite]
        return found[0].numbers if len(found) == 1 else None
    if isinstance(target, Mapping) or not isinstance(target, (list, tuple)) or len(target) != 4:
        return None
    a, b, c, d = (_number(one) for one in target)
    return None if a is None or b is None or c is None or d is None else (a, b, c, d)


def _number(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 1e12 else None


def _scale_name(scale: float) -> str:
    return "pixels" if scale == _PIXELS else f"0 to {scale:g}"


def _shown(box: WrittenBox) -> str:
    return "[" + ", ".join(f"{one:g}" for one in box.numbers) + "]"


def _unparsed(reason: str) -> Score:
    return Score(
        value=0.0,
        verdict=Verdict.UNPARSED,
        reason=reason,
        measures={"IoU": Measure(value=0.0, unit="%")},
    )
