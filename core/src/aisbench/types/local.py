"""What a backend in this process tells of the model that it has loaded."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from aisbench.types.json import JsonObject


@frozen(kw_only=True)
class ModelDescription:
    """Which model it is, and how it answers where a suite says nothing.

    ``fingerprint`` names what decides the answers (files of weights, configuration, tokenizer,
    templates, adapters) and a digest of each: two models that could answer differently must not
    have the same one (:func:`aisbench.codec.fingerprint_of` makes it of a folder). Stored answers
    are found by it.
    ``defaults`` are the generation settings that the model itself brings and that hold where a
    suite is silent. ``notes`` are sentences for the run's record, ``warnings`` such ones that the
    user is shown as well: what the model asks for and does not get.
    """

    fingerprint: Mapping[str, str] = field(factory=dict)
    defaults: JsonObject = field(factory=dict)
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
