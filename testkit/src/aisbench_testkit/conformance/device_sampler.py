"""A sampler of devices."""

from __future__ import annotations

from typing import ClassVar

from aisbench.api import DeviceSamplerOffer, Offer
from aisbench_testkit.checks import device_sampler
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class DeviceSamplerConformance(OfferConformance):
    """``settings`` as in ``[devices.NAME]``, without the keys that every sampler shares."""

    kind: ClassVar[type[Offer]] = DeviceSamplerOffer

    def test_readings(self) -> None:
        """What is here is read, or the reason is told in one line."""
        expect_none(lambda: device_sampler.check_sampler(self.make))
