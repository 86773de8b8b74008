"""What a suite may say of this backend, besides the keys that every service has."""

from __future__ import annotations

from attrs import frozen

from aisbench.api import setting


@frozen
class TgiSettings:
    """Keys of the backend."""

    send_seed: bool = setting(default=True, help="send each request's seed")
    count_prompt: bool = setting(
        default=True,
        help="without streaming, ask for the prompt's tokens (decoder_input_details), which is "
        "the only way to have them counted; costs the server a little",
    )
