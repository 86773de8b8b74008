"""What a suite may say of these backends, besides the keys that every service has."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import setting


@frozen
class MindieSettings:
    """Keys of all four."""

    send_seed: bool = setting(default=True, help="send each request's seed")
    full_text: bool = setting(
        default=False,
        help="the server's fullTextEnabled is on: each event of a stream has the text so far",
    )
