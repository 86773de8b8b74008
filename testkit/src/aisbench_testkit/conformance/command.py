"""A sub-command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from aisbench.api import CommandOffer, Offer
from aisbench.plugins.targets import resolve
from aisbench_testkit.checks import command
from aisbench_testkit.conformance.base import OfferConformance, expect_none


class CommandConformance(OfferConformance):
    """``arguments`` are of a use that ends by itself."""

    kind: ClassVar[type[Offer]] = CommandOffer
    arguments: ClassVar[Sequence[str]] = ()

    def test_use(self) -> None:
        """--help, an unknown option, and ``arguments`` if they are given."""
        target = resolve(self.listed.offer.target, self.listed)
        expect_none(lambda: command.check_command(target, self.arguments))
