"""Walking over tokens. The base of the grammar."""

from __future__ import annotations

from aisbench_plugin_math.nodes import Node, UnreadableMath
from aisbench_plugin_math.tokens import MathToken

DEEPEST = 60
"""Brackets, fractions, functions and exponents in one another, brackets counted twice."""


class Cursor:
    """A place among tokens, and how deep in brackets it is."""

    def __init__(self, tokens: list[MathToken]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._bars = 0

    @property
    def _token(self) -> MathToken:
        return self._token_at(self._at)

    def _ahead(self, by: int = 1) -> MathToken:
        return self._token_at(self._at + by)

    def _token_at(self, place: int) -> MathToken:
        """A token, or the end, when there are none at a place."""
        return self._tokens[min(place, len(self._tokens) - 1)]

    def _is(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.value in signs

    def _takes(self, *signs: str) -> bool:
        if self._is(*signs):
            self._at += 1
            return True
        return False

    def _wants(self, *signs: str) -> str:
        value = self._token.value
        if not self._takes(*signs):
            raise UnreadableMath(f"lacks a {signs[0]!r}")
        return value

    def listing(self, *closing: str) -> Node:
        """Everything up to a closing sign. Given by Statements."""
        raise NotImplementedError

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise UnreadableMath("is nested too deeply")

    def _inside(self, *closing: str) -> Node:
        self._deeper()
        bars, self._bars = self._bars, 0
        node = self.listing(*closing)
        self._bars = bars
        self._depth -= 1
        return node
