"""What shape a node has: an equation, a vector, several values, letters. Pure."""

from __future__ import annotations

from aisbench_plugin_math.equality import is_expression, walk
from aisbench_plugin_math.nodes import (
    Apply,
    Braced,
    Bracketed,
    KnownSet,
    Listing,
    Matrix,
    Measured,
    Node,
    Number,
    Relation,
    Symbol,
    Words,
)
from aisbench_plugin_math.realsets import is_interval


def difference(left: Node, right: Node) -> Node:
    return Apply("add", (left, Apply("neg", (right,))))


def is_call(node: Node) -> bool:
    """f(x), P(A), as a left side; or (x, y)."""
    if isinstance(node, Bracketed):
        return all(isinstance(one, Symbol) for one in node.items)
    return (
        isinstance(node, Apply)
        and node.name == "mul"
        and len(node.args) == 2
        and isinstance(node.args[0], Symbol)
        and isinstance(node.args[1], (Symbol, Number, Bracketed))
    )


def is_named_value(node: Node) -> bool:
    """a + b, |AB|, sin x: what a question may ask for; 2x, x^2 + 1 are sides of an equation."""
    return not any(
        isinstance(one, Number) or (isinstance(one, Apply) and one.name == "pow")
        for one in walk(node)
    )


def is_equation(node: Node) -> bool:
    return isinstance(node, Relation) and all(sign in ("=", "~") for sign in node.signs)


def bare(node: Node) -> Node:
    """x \\in S is S."""
    if isinstance(node, Relation) and node.signs == ("in",):
        return node.sides[1]
    return node


def many(node: Node) -> bool:
    return isinstance(node, (Listing, Braced, Bracketed))


def items(node: Node) -> tuple[Node, ...]:
    """The values of a list, a set or a tuple; see :func:`assignments` for "y = 5, x = 3"."""
    if isinstance(node, Listing):
        names, values = assignments(node)
        return values if names else node.items
    if isinstance(node, (Braced, Bracketed)):
        return node.items
    return (node,)


def assignments(node: Node) -> tuple[tuple[str, ...], tuple[Node, ...]]:
    """Names and values of "y = 5, x = 3" in the order of the names, and of "x = 3 or 5" and
    "x_1 = 3, x_2 = 5" as they stand, with one name; ((), ()) of anything else."""
    named: list[tuple[str, Node]] = []
    for one in node.items if isinstance(node, Listing) else ():
        if isinstance(one, Relation) and is_equation(one) and len(one.sides) == 2:
            left, right = one.sides
            if isinstance(left, Symbol):
                named.append((left.name.partition("_")[0], right))
                continue
        if not named or isinstance(one, Relation):
            return (), ()
        named.append((named[-1][0], one))
    if len({name for name, _ in named}) == len(named):
        named.sort(key=lambda one: one[0])
    return tuple(name for name, _ in named), tuple(value for _, value in named)


def is_tuple(node: Node) -> bool:
    return isinstance(node, Bracketed) and (
        not is_interval(node) or (node.opening, node.closing) == ("(", ")")
    )


def alike(one: Bracketed, other: Bracketed) -> bool:
    if is_interval(one) or is_interval(other):
        round_or_angled = {"(": "(", "<<": "("}
        return round_or_angled.get(one.opening, one.opening) == round_or_angled.get(
            other.opening, other.opening
        ) and (one.closing in (")", ">>")) == (other.closing in (")", ">>"))
    return True


def vector(node: Node) -> tuple[Node, ...] | None:
    if isinstance(node, Matrix):
        return cells(node) if len(node.rows) == 1 or len(node.rows[0]) == 1 else None
    if isinstance(node, Bracketed) and (node.opening != "[" or not is_interval(node)):
        return node.items
    return None


def cells(node: Matrix) -> tuple[Node, ...]:
    return tuple(cell for row in node.rows for cell in row)


def could_be_set(node: Node) -> bool:
    return is_interval(node) or isinstance(node, (Braced, Listing, KnownSet))


def letters(node: Node) -> str:
    """Words, or letters that were taken for variables, without their blanks."""
    if isinstance(node, Words):
        return node.text.replace(" ", "").casefold()
    if isinstance(node, Symbol):
        return node.name.casefold()
    if isinstance(node, Apply) and node.name == "mul":
        parts = [letters(one) for one in node.args]
        return "".join(parts) if all(parts) else ""
    if isinstance(node, Measured) and node.unit == "":
        return ""
    return ""


def expanded(node: Node) -> Node:
    """1 \\pm \\sqrt{2} as its two values, also inside of lists."""
    if isinstance(node, Relation) and is_equation(node):
        last = expanded(node.sides[-1])
        return last if last != node.sides[-1] else node
    if isinstance(node, (Listing, Braced)):
        items: list[Node] = []
        for one in node.items:
            several = expanded(one)
            # A name before several values, "x = 1 \\pm 2", is given to all of them.
            items += several.items if isinstance(several, Listing) else (several,)
        return type(node)(tuple(items))
    if not is_expression(node) or not _has_signs(node):
        return node
    inner = node.amount if isinstance(node, Measured) else node
    both = (_with_sign(inner, upper=True), _with_sign(inner, upper=False))
    if isinstance(node, Measured):
        return Listing(tuple(Measured(one, node.unit) for one in both))
    return Listing(both)


def _has_signs(node: Node) -> bool:
    if isinstance(node, Measured):
        return _has_signs(node.amount)
    return isinstance(node, Apply) and (
        node.name in ("pm", "mp") or any(_has_signs(one) for one in node.args)
    )


def _with_sign(node: Node, *, upper: bool) -> Node:
    if not isinstance(node, Apply):
        return node
    args = tuple(_with_sign(one, upper=upper) for one in node.args)
    if node.name in ("pm", "mp"):
        return args[0] if (node.name == "pm") == upper else Apply("neg", args)
    return Apply(node.name, args)


def worded(node: Node) -> bool:
    """Whether words are asked for."""
    return isinstance(node, (Words, KnownSet)) or letters(node) != ""
