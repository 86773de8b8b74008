"""What a server says about a model that it serves."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ServedModel:
    """``parent`` is the model of which this one is an adapter; ``context`` is how many tokens
    prompt and answer may have together. None: the server does not say."""

    name: str
    parent: str | None = None
    context: int | None = None
