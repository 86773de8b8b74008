"""A number of tokens: fixed, or drawn from a range."""

from __future__ import annotations

from attrs import frozen


@frozen
class Length:
    """From ``low`` to ``high`` tokens, both included."""

    low: int
    high: int

    @classmethod
    def parse(cls, text: str) -> Length:
        """Read ``"64"`` or ``"32-128"``. Raises ValueError."""
        low, dash, high = text.partition("-")
        try:
            length = cls(int(low), int(high) if dash else int(low))
        except ValueError:
            raise ValueError(f'"{text}" is neither a number nor a range such as 32-128') from None
        if not 0 <= length.low <= length.high:
            raise ValueError(f'"{text}" is not a range: the first number must not be the larger')
        return length

    def pick(self, chance: float) -> int:
        """The length for a ``chance`` in 0..1."""
        return min(self.high, self.low + int(chance * (self.high - self.low + 1)))

    def __str__(self) -> str:
        return str(self.low) if self.low == self.high else f"{self.low}-{self.high}"
