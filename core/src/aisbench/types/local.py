"""What a backend in this process says about the model that it has opened."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from aisbench.types.json import JsonObject


@frozen(kw_only=True)
class ModelDescription:
    """Which model it is, and how it answers where a suite sets nothing.

    ``fingerprint`` names everything that decides the answers (files of weights, configuration,
    tokenizer, templates, adapters), with a digest of each. Models that could answer differently
    must have different ones, as stored answers are found by it;
    :func:`aisbench.codec.fingerprint_of` makes it from a folder. ``defaults`` are the model's own
    generation settings, which apply where a suite sets nothing. ``notes`` are sentences for the
    run's record; ``warnings`` are shown to the user as well, such as settings that the model
    asks for and does not get.
    """

    fingerprint: Mapping[str, str] = field(factory=dict)
    defaults: JsonObject = field(factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
