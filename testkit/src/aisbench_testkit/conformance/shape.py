"""A load shape."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import LoadShapeOffer, Offer
from aisbench_testkit.checks import shape
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class LoadShapeConformance(OfferConformance):
    """``settings`` as in ``[load]``, without the keys that every shape shares."""

    kind: ClassVar[type[Offer]] = LoadShapeOffer

    def test_schedules(self) -> None:
        """In order, within the load, equal for equal seeds; refusals are DataError."""
        expect_none(lambda: shape.check_shape(self.make))
