"""Chains of relatives: the needles of NeedleBench V2's reasoning tasks and of its Ancestral Trace
Challenge.

Terms and sentences are those of OpenCompass, opencompass/datasets/needlebench_v2/atc.py (M. Li et
al. 2024, arXiv:2407.11963).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from attrs import frozen

from aisbench_plugin_needles.draws import Draws

_GENERATIONS = {
    "en": {
        "father": 1, "mother": 1, "dad": 1, "mom": 1, "grandfather": 2, "grandmother": 2,
        "maternal grandmother": 2, "maternal grandfather": 2, "paternal grandfather": 2,
        "paternal grandmother": 2,
    },
    "zh": {
        "父亲": 1, "母亲": 1, "爸爸": 1, "妈妈": 1, "爷爷": 2, "奶奶": 2, "姥姥": 2, "姥爷": 2,
        "外公": 2, "外婆": 2,
    },
}  # fmt: skip
_SENTENCES = {
    "en": (
        "{A} is {B}'s {R}.",
        "{B}'s {R} is {A}.",
        "{A}, as {B}'s {R}, has a significant impact on {B}'s upbringing.",
        "{A} is not only {B}'s {R} but also {B}'s role model.",
        "During {B}'s upbringing, {A} was not only {B}'s {R}, but also {B}'s guardian.",
        "For {B}, {A} is not just a {R}, but also a friend.",
        "For {B}, {A} is more than just a {R}; {A} is a lifelong mentor of {B}.",
    ),
    "zh": (
        "{A}是{B}的{R}。",
        "{B}的{R}是{A}。",
        "{A}作为{B}的{R}，对{B}的成长有重要影响。",
        "{A}不仅是{B}的{R}，还是{B}的榜样。",
        "{A}在{B}的成长过程中，不仅仅是{B}的{R}，还是{B}的监护人。",
        "{A}对{B}来说，不只是一个{R}，还是一个朋友。",
    ),
}
QUESTIONS = {
    "en": (
        "Given the context described above, who is the eldest relative that '{last_person}' can "
        "trace back to in the context?"
    ),
    "zh": "在上面提供的文本中，'{last_person}'的能够向上追溯到的最年长的亲人是谁？",
}


@frozen
class KinTree:
    """Persons from the eldest to the youngest, what is said of each pair in random order, and how
    many generations lie between the ends."""

    persons: Sequence[str]
    sentences: Sequence[str]
    generations: int


def draw_family(draws: Draws, names: Sequence[str], links: int, language: str) -> KinTree:
    """A chain of ``links`` relations."""
    persons = draws.sample(names, links + 1)
    terms = _GENERATIONS[language]
    said, generations = [], 0
    for elder, younger in pairwise(persons):
        sentence = draws.choice(_SENTENCES[language])
        term = draws.choice(list(terms))
        generations += terms[term]
        said.append(sentence.format(A=elder, B=younger, R=term))
    return KinTree(persons, draws.shuffled(said), generations)
