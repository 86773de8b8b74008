"""Passages of code, mathematics, lists and repetitions, made by rules of our own."""

from __future__ import annotations

import random

_NAMES = ("total", "items", "count", "result", "values", "rate", "index", "limit", "weights")
_VERBS = ("compute", "load", "filter", "merge", "update", "parse", "scale", "collect")
_NOUNS = ("orders", "scores", "records", "prices", "nodes", "samples", "lines", "users")
_GOODS = ("apples", "books", "tickets", "bottles", "chairs", "stamps", "lamps", "cards")
_PEOPLE = ("Maria", "Tom", "Wei", "Aisha", "Peter", "Yuki", "Carlos", "Nina")
_CITIES = ("Lisbon", "Nairobi", "Chengdu", "Lima", "Oslo", "Hanoi", "Quito", "Turin", "Perth")


def code(chance: random.Random) -> str:
    """A function in Python, whole."""
    verb, noun = chance.choice(_VERBS), chance.choice(_NOUNS)
    first, second = chance.sample(_NAMES, 2)
    low, high = chance.randrange(2, 20), chance.randrange(20, 200)
    shapes = (
        f"def {verb}_{noun}({noun}, {second}={low}):\n"
        f'    """Return the {first} of {noun} above {second}."""\n'
        f"    {first} = 0\n"
        f"    for one in {noun}:\n"
        f"        if one > {second}:\n"
        f"            {first} += one\n"
        f"    return {first}\n",
        f"class {noun.capitalize()}:\n"
        f"    def __init__(self, {first}, {second}):\n"
        f"        self.{first} = {first}\n"
        f"        self.{second} = {second}\n\n"
        f"    def {verb}(self, factor={low}):\n"
        f"        self.{first} = min(self.{first} * factor, {high})\n"
        f"        return self.{first}\n",
        f"def test_{verb}_{noun}():\n"
        f"    {noun} = [{low}, {high}, {low + high}]\n"
        f"    assert {verb}_{noun}({noun}) == {low + high}\n"
        f"    assert {verb}_{noun}([]) == 0\n",
        f"import json\n\n\ndef {verb}_file(path):\n"
        f"    with open(path) as file:\n"
        f"        {noun} = json.load(file)\n"
        f"    return {{one['{first}']: one['{second}'] for one in {noun}}}\n",
    )
    return chance.choice(shapes)


def maths(chance: random.Random) -> str:
    """A problem with its working; the sums are right."""
    who, what = chance.choice(_PEOPLE), chance.choice(_GOODS)
    a, b, c = chance.randrange(12, 90), chance.randrange(3, 12), chance.randrange(2, 30)
    x, k, m = chance.randrange(2, 15), chance.randrange(2, 9), chance.randrange(1, 40)
    shapes = (
        f"Problem: {who} buys {a} {what} at {b} dollars each and pays with a discount of {c} "
        f"dollars. How much does {who} pay?\nSolution: {a} * {b} = {a * b}. {a * b} - {c} = "
        f"{a * b - c}. The answer is {a * b - c}.\n",
        f"Problem: Solve {k}x + {m} = {k * x + m}.\nSolution: {k}x = {k * x + m} - {m} = {k * x}. "
        f"x = {k * x} / {k} = {x}. The answer is {x}.\n",
        f"Problem: What is the sum of the first {a} whole numbers?\nSolution: {a} * ({a} + 1) / 2 "
        f"= {a} * {a + 1} / 2 = {a * (a + 1) // 2}. The answer is {a * (a + 1) // 2}.\n",
        f"Problem: A rectangle is {a} cm long and {b} cm wide. What are its area and perimeter?\n"
        f"Solution: {a} * {b} = {a * b} square cm. 2 * ({a} + {b}) = {2 * (a + b)} cm.\n",
    )
    return chance.choice(shapes)


def entries(chance: random.Random) -> str:
    """A list with numbers, a table or rows of JSON."""
    kind = chance.randrange(3)
    rows = chance.randrange(4, 9)
    chosen = [
        (chance.choice(_PEOPLE), chance.choice(_CITIES), chance.randrange(10, 999))
        for _ in range(rows)
    ]
    if kind == 0:
        lines = [f"{place}. {who}, {city}: {n}" for place, (who, city, n) in enumerate(chosen, 1)]
    elif kind == 1:
        lines = ["name,city,amount", *(f"{who},{city},{n}" for who, city, n in chosen)]
    else:
        lines = [
            f'{{"name": "{who}", "city": "{city}", "amount": {n}}}' for who, city, n in chosen
        ]
    return "\n".join(lines) + "\n"


def repeated(chance: random.Random) -> str:
    """A few lines that stand there again and again."""
    lines = [
        f"{chance.choice(_PEOPLE)} sends {chance.randrange(2, 99)} {chance.choice(_GOODS)} to "
        f"{chance.choice(_CITIES)}."
        for _ in range(chance.randrange(2, 5))
    ]
    return "\n".join(lines * chance.randrange(5, 9)) + "\n"
