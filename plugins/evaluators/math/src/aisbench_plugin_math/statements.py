"""What is stated of expressions: lists, relations, sets, units, words. See ``grammar.py``."""

from __future__ import annotations

from typing import Literal

from aisbench_plugin_math.amounts import WORD_JOINTS, Amounts
from aisbench_plugin_math.equality import is_expression
from aisbench_plugin_math.known_words import INTRODUCTIONS, meant
from aisbench_plugin_math.nodes import (
    Apply,
    Bracketed,
    Junction,
    KnownSet,
    Listing,
    Measured,
    Node,
    Number,
    Relation,
    Symbol,
    UnreadableMath,
    Words,
)
from aisbench_plugin_math.tokens import MathToken

_SIGNS = ("=", "<", ">", "<=", ">=", "!=", "~", "in", "equiv")
_JOINTS = ("and", "or", ",", ";")


class Statements(Amounts):
    """Reads a whole answer."""

    def statement(self) -> Node:
        """Raises UnreadableMath when anything is left over."""
        node = self.listing()
        self._dots()
        if self._token.kind != "end":
            raise UnreadableMath(f"goes on with {self._token.value!r}")
        return node

    def _dots(self) -> None:
        while self._takes("."):
            pass

    # Lists

    def listing(self, *closing: str) -> Node:
        """Items with commas, semicolons, "and", "or" between them."""
        items: list[Node] = [self._item()]
        joints: list[str] = []
        while joint := self._joint():
            if self._token.kind == "end" or self._closes(closing):
                break
            items.append(self._item())
            joints.append(joint)
        if len(items) == 1:
            if items[0] == Symbol("..."):
                raise UnreadableMath("leaves its value out")
            return items[0]
        if any(_bounds(one) for one in items):
            return _junction(items, joints)
        words = sum(isinstance(one, Words) for one in items)
        if 0 < words < len(items) and any(isinstance(one, (Number, Apply)) for one in items):
            # "5 or more"
            raise UnreadableMath("has words beside values")
        return Listing(tuple(items))

    def _joint(self) -> str:
        """What joins an item to the next; of ", and" the word. Empty where the list ends."""
        self._dots()
        joint = ""
        while self._is(*_JOINTS) or self._word_joint():
            value = self._token.value
            if joint in ("", ",", ";"):
                joint = WORD_JOINTS.get(value, value)
            self._at += 1
        return joint

    def _word_joint(self) -> bool:
        return self._token.kind == "word" and self._token.value in WORD_JOINTS

    def _closes(self, closing: tuple[str, ...]) -> bool:
        return self._token.value in closing and self._token.kind in ("sign", "command")

    # Relations

    def _item(self) -> Node:
        while self._is("=", "~", "=>"):
            self._at += 1
        self._introduced()
        if self._takes("..."):
            # 1, 2, ..., 10: the same as the same alone.
            return Symbol("...")
        first = self._union()
        sides: list[Node] = [first]
        signs: list[str] = []
        while True:
            if self._takes("=>"):
                sides, signs = [self._union()], []
            elif self._is(*_SIGNS):
                signs.append(self._token.value)
                self._at += 1
                sides.append(self._union())
            else:
                break
        return Relation(tuple(sides), tuple(signs)) if signs else first

    def _introduced(self) -> None:
        """Takes "the answer is" away, and a colon after it."""
        end = self._at
        while self._token_at(end).kind == "word" or self._token_at(end).value in ("is", "'"):
            end += 1
        said = " ".join(one.value.lower() for one in self._tokens[self._at : end])
        colon = self._token_at(end).value == ":"
        if said in INTRODUCTIONS and self._token_at(end + colon).kind != "end":
            self._at = end + colon

    def _union(self) -> Node:
        node = self.side()
        while True:
            if self._takes("cup") or self._plain_union(node):
                node = _set_of("or", node, self.side())
            elif self._takes("cap"):
                node = _set_of("and", node, self.side())
            elif self._takes("less") or (self._sets(node) and self._takes("-")):
                node = Junction("less", (node, self.side()))
            else:
                return node

    def _plain_union(self, node: Node) -> bool:
        """(0,1) U (2,3)."""
        plain = isinstance(node, (Bracketed, Junction)) and self._token.value in ("U", "u")
        if plain and self._ahead().value in ("(", "[", "\\{"):
            self._at += 1
            return True
        return False

    def _sets(self, node: Node) -> bool:
        return isinstance(node, (KnownSet, Bracketed)) and self._ahead().value == "\\{"

    # One side: words, money, an amount with its unit, a ratio

    def side(self) -> Node:
        currency = self._currency()
        if currency:
            return Measured(self.expression(), currency)
        words = self._words()
        if words is not None:
            return words
        negative = self._is("-") and self._ahead().value == "dollar"
        if negative:
            self._at += 2
            return Measured(Apply("neg", (self.expression(),)), "$^1")
        node = self.expression()
        if self._takes(":"):
            return self._colon(node)
        return self._with_unit(node)

    def _words(self) -> Node | None:
        """Words, when no mathematics begins here."""
        if self._token.kind == "name" and len(self._token.value) > 1:
            # \pi radians
            return None
        end = self._end_of_words()
        run = self._tokens[self._at : end]
        words = [one for one in run if one.kind == "word"]
        if not words or not _are_prose(words):
            return None
        text = " ".join(one.value.lower() for one in run)
        self._at = end
        if text == "base" and self._token.kind == "number":
            raise UnreadableMath("names a base without digits")
        return meant(text)

    def _end_of_words(self) -> int:
        """Where a run of words and letters ends; here, where a sign begins it."""
        end = self._at
        if self._token.kind not in ("word", "name"):
            return end
        while (token := self._token_at(end)).kind in ("word", "name") or token.value in ("'", "-"):
            if token.value in WORD_JOINTS:
                break
            end += 1
        return end


def _are_prose(words: list[MathToken]) -> bool:
    """Whether words are more than variables side by side."""
    if len(words) > 1 or words[0].value.lower() in ("yes", "no"):
        return True
    only = words[0]
    return len(only.value) > 3 or only.upright or not only.value.isascii()


def _bounds(node: Node) -> bool:
    """Whether a node is a condition or a set of numbers rather than a value."""
    if isinstance(node, Relation):
        return any(sign not in ("=", "~") for sign in node.signs)
    return isinstance(node, Junction)


def _junction(items: list[Node], joints: list[str]) -> Node:
    groups: list[list[Node]] = [[items[0]]]
    kinds: list[str] = []
    for joint, item in zip(joints, items[1:], strict=True):
        before = groups[-1][-1]
        if isinstance(before, Relation) and before.signs == ("!=",) and is_expression(item):
            # x \ne 1, 2
            item = Relation((before.sides[0], item), ("!=",))
        if joint == "or":
            groups.append([item])
        else:
            groups[-1].append(item)
            kinds.append(joint)
    inner: Literal["and", "comma"] = "and" if "and" in kinds else "comma"
    parts = tuple(one[0] if len(one) == 1 else Junction(inner, tuple(one)) for one in groups)
    return parts[0] if len(parts) == 1 else Junction("or", parts)


def _set_of(kind: Literal["or", "and"], one: Node, other: Node) -> Node:
    if isinstance(one, Junction) and one.kind == kind:
        return Junction(kind, (*one.parts, other))
    return Junction(kind, (one, other))
