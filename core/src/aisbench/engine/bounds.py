"""How much a server may send in answer to one request."""

from __future__ import annotations

from attrs import field, frozen

from aisbench.config.service_keys import AnswerLimits

_MEGABYTE = 1_000_000


@frozen
class AnswerBounds:
    """The suite's :class:`~aisbench.config.suite.AnswerLimits`, in bytes."""

    head: int
    event: int
    body: int
    least: int = field(init=False)
    """Nothing has to be checked before so much was received."""

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "least", min(self.head, self.event, self.body))

    @classmethod
    def of(cls, limits: AnswerLimits) -> AnswerBounds:
        return cls(*(int(one * _MEGABYTE) for one in (limits.head, limits.event, limits.body)))

    @property
    def head_exceeded(self) -> str:
        """The sentence about a head that is too large."""
        return _sentence("head of the answer", self.head, "head")

    def exceeded(self, received: int, started: bool, pending: int) -> str:
        """The sentence about what is too large, or "".

        ``received`` bytes came in all, ``started`` says that the head is whole, and ``pending``
        are the bytes of an event that is not whole.
        """
        if not started:
            return self.head_exceeded if received > self.head else ""
        if pending > self.event:
            return _sentence("event of the stream", self.event, "event")
        if received > self.body:
            return _sentence("answer", self.body, "body")
        return ""


def _sentence(what: str, limit: int, key: str) -> str:
    article = "an" if what[0] in "aeiou" else "the"
    return (
        f"{article} {what} is larger than {limit / _MEGABYTE:g} MB "
        f"(limits.{key} of the model says how much is read)"
    )


BOUNDS = AnswerBounds.of(AnswerLimits())
"""The default ones."""
