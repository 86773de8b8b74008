"""The keys of core that stand beside those of every device sampler."""

from __future__ import annotations

from attrs import frozen

from aisbench.settings.fields import above, at_least, setting


@frozen(kw_only=True)
class DeviceSettings:
    """Keys of [devices.NAME]."""

    interval: float = setting(
        default=1.0, unit="s", check=above(0), help="from one reading to the next"
    )
    idle: float = setting(
        default=2.0,
        unit="s",
        check=at_least(0),
        help="how long the devices are read before anything is sent, for their idle power",
    )
    count_energy: bool = setting(
        default=True, help="whether their energy is in the sums, such as tokens per joule"
    )
