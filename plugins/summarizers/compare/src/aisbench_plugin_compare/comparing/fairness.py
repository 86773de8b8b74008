"""What differs between two sides besides the figures, and whether that makes it unfair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from attrs import frozen

from aisbench_plugin_compare.comparing.pairing import Pairs
from aisbench_plugin_compare.sides.side import Facts, SideTask, Topic

DECIDING: tuple[Topic, ...] = ("model", "prompt", "settings", "scoring")
"""What answers and their scores depend on. A comparison that is fair differs in one of them."""

CHANCE = frozenset({"seed", "repeats", "send_seed"})
"""Settings that change chance, and not what is measured."""
PLACES = frozenset({"url", "urls", "server"})
"""Where a model is asked: what is compared when servers are."""

SERVED = "served as"
"""The name of a model at its server."""

Weight = Literal["fair", "unknown", "unfair"]


@frozen(kw_only=True)
class Differing:
    """One thing that is not the same on both sides; None: nothing says it on that side."""

    topic: Topic
    name: str
    left: str | None
    right: str | None

    @property
    def both(self) -> bool:
        """Whether both sides tell it."""
        return self.left is not None and self.right is not None


def differing(left: Facts, right: Facts, *, one_tool: bool = True) -> list[Differing]:
    """All facts that are not the same, by topic. Some tools keep the last part of a model's name
    alone: that is the same name where tools differ."""
    found = []
    topics: dict[Topic, None] = dict.fromkeys((*left, *right))
    for topic in topics:
        ours, theirs = left.get(topic, {}), right.get(topic, {})
        for name in dict.fromkeys((*ours, *theirs)):
            one, other = ours.get(name), theirs.get(name)
            if not one_tool and name == SERVED and one is not None and other is not None:
                one, other = one.rpartition("/")[2], other.rpartition("/")[2]
            if one != other:
                found.append(Differing(topic=topic, name=name, left=one, right=other))
    return found


def outcomes(task: SideTask, places: Sequence[int]) -> dict[str, int]:
    """How many of the answers at ``places`` ended in which way."""
    found: dict[str, int] = {}
    for place in places:
        word = task.rows[place].outcome
        found[word] = found.get(word, 0) + 1
    return found


@frozen(kw_only=True)
class PromptShare:
    """Of how many pairs both prompts are known, and of how many of those they are equal."""

    known: int
    equal: int


def prompts(left: SideTask, right: SideTask, pairs: Pairs) -> PromptShare:
    """Whether both sides were asked in the same words, pair by pair."""
    known = equal = 0
    for one in pairs.samples:
        ours = left.rows[one.left[0]].keys.get("prompt")
        theirs = right.rows[one.right[0]].keys.get("prompt")
        if ours is not None and theirs is not None:
            known += 1
            equal += ours == theirs
    return PromptShare(known=known, equal=equal)


@frozen(kw_only=True)
class Fairness:
    """What is the same and what is not, of one task. ``deciding`` are the topics that differ of
    those that answers and scores depend on."""

    found: Sequence[Differing]
    deciding: Sequence[Topic]
    unknown: Sequence[Topic]
    """Those of them that one side tells nothing of."""
    prompts: PromptShare
    pairs: Pairs

    @property
    def weight(self) -> Weight:
        """Unfair: more than one of them differs, or the rows are not the same; unknown: a side
        does not say."""
        if len(self.deciding) > 1 or not self.pairs.whole:
            return "unfair"
        return "unknown" if self.unknown else "fair"


def fairness(
    left: SideTask, right: SideTask, pairs: Pairs, run: Sequence[Facts], *, one_tool: bool = True
) -> Fairness:
    """``run`` holds the facts of both runs as a whole. Between tools a fact that one side alone
    tells is unknown; of one tool it was not set on the other side."""
    ours, theirs = _merged(run[0], left.facts), _merged(run[1], right.facts)
    found = differing(ours, theirs, one_tool=one_tool)
    share = prompts(left, right, pairs)
    weights = {
        topic: _weight(
            [one for one in found if one.topic == topic and _counts(one)],
            told=all(topic in facts for facts in (left.facts, right.facts)),
            one_tool=one_tool,
        )
        for topic in DECIDING
    }
    if share.known:
        # What was sent decides, whatever was configured.
        weights["prompt"] = "differs" if share.equal < share.known else "same"
    served = all(SERVED in facts.get("model", {}) for facts in (ours, theirs))
    if served and weights["model"] == "unknown":
        weights["model"] = "same"
    return Fairness(
        found=found,
        deciding=[topic for topic, weight in weights.items() if weight == "differs"],
        unknown=[topic for topic, weight in weights.items() if weight == "unknown"],
        prompts=share,
        pairs=pairs,
    )


def _weight(
    found: Sequence[Differing], *, told: bool, one_tool: bool
) -> Literal["differs", "same", "unknown"]:
    """Whether a topic differs; ``told``: both sides have something of it."""
    if any(one.both for one in found):
        return "differs"
    if not told:
        return "unknown"
    if found:
        return "differs" if one_tool else "unknown"
    return "same"


def _counts(one: Differing) -> bool:
    return not (one.topic == "settings" and one.name in CHANCE)


def _merged(run: Facts, task: Facts) -> Facts:
    topics: dict[Topic, None] = dict.fromkeys((*task, *run))
    return {topic: {**run.get(topic, {}), **task.get(topic, {})} for topic in topics}


def unfair_to_servers(found: Sequence[Differing], *, one_tool: bool) -> Iterator[Differing]:
    """What two servers may not differ in when their loads are compared: the plan of the load, the
    client, the data, and how long answers may be."""
    for one in found:
        if not one_tool and not one.both:
            continue
        if one.topic in ("client", "load", "data", "settings") and one.name not in CHANCE | PLACES:
            yield one
