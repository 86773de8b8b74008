"""The keys of core that stand beside an offer's own."""

from __future__ import annotations

from aisbench.config.device_keys import DeviceSettings
from aisbench.config.load_keys import LoadSettings
from aisbench.config.observer_keys import ObserverSettings
from aisbench.config.suite import DatasetSettings, LocalSettings, ServiceSettings
from aisbench.config.tune_keys import TuneSettings
from aisbench.types.offer import (
    BackendOffer,
    DatasetOffer,
    DeviceSamplerOffer,
    LoadShapeOffer,
    ObserverOffer,
    Offer,
    TunerOffer,
)


def common_settings(offer: Offer) -> type | None:
    """The class of the keys that every offer of its kind has; None if there are none."""
    if isinstance(offer, BackendOffer):
        return LocalSettings if offer.local else ServiceSettings
    if isinstance(offer, DatasetOffer):
        return DatasetSettings
    if isinstance(offer, ObserverOffer):
        return ObserverSettings
    if isinstance(offer, DeviceSamplerOffer):
        return DeviceSettings
    if isinstance(offer, TunerOffer):
        return TuneSettings
    return LoadSettings if isinstance(offer, LoadShapeOffer) else None
