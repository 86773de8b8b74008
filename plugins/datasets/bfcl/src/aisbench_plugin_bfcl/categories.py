"""The leaderboard's categories, and how it averages them.

After ``generate_leaderboard_csv`` of bfcl-eval 2026.3.23 (v4): the three simple categories count
alike, then the four kinds of non-live calls; live calls count by their number; irrelevance is the
mean of both; the overall score weighs non-live 10, live 10, irrelevance 10, multi-turn 30 and
agentic 40, a category that was not run counting as 0 there.
"""

from __future__ import annotations

from aisbench.api import PartGroup

NON_LIVE = (
    "simple_python",
    "simple_java",
    "simple_javascript",
    "multiple",
    "parallel",
    "parallel_multiple",
    "irrelevance",
)
LIVE = (
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "live_irrelevance",
    "live_relevance",
)
MULTI_TURN = (
    "multi_turn_base",
    "multi_turn_miss_func",
    "multi_turn_miss_param",
    "multi_turn_long_context",
)
MEMORY = ("memory_kv", "memory_vector", "memory_rec_sum")
FORMATS = "format_sensitivity"
"""The same questions under 26 system prompts; for models without tools, in no overall score."""
DEFAULT = (*NON_LIVE, *LIVE, *MULTI_TURN)
"""What stands alone, needs no model of embeddings, and suits both ways to ask."""
ALL = (*DEFAULT, *MEMORY, FORMATS)
SELECTIONS = {
    "default": DEFAULT,
    "all_scoring": (*DEFAULT, *MEMORY),
    "memory": MEMORY,
    "non_live": NON_LIVE,
    "live": LIVE,
    "single_turn": (*NON_LIVE, *LIVE),
    "multi_turn": MULTI_TURN,
}

GROUPS = (
    PartGroup(name="simple", members=NON_LIVE[:3], mean="members"),
    PartGroup(
        name="non-live",
        members=("simple", "multiple", "parallel", "parallel_multiple"),
        mean="members",
    ),
    PartGroup(name="live", members=LIVE[:4], mean="samples"),
    PartGroup(name="hallucination", members=("irrelevance", "live_irrelevance"), mean="members"),
    PartGroup(name="multi-turn", members=MULTI_TURN, mean="members"),
    PartGroup(
        name="overall without agentic",
        members=("non-live", "live", "hallucination", "multi-turn"),
        mean="members",
        weights=(10.0, 10.0, 10.0, 30.0),
    ),
    PartGroup(name="memory", members=MEMORY, mean="members"),
    PartGroup(
        name="overall without web search",
        members=("non-live", "live", "hallucination", "multi-turn", "memory"),
        mean="members",
        weights=(10.0, 10.0, 10.0, 30.0, 20.0),
    ),
)
"""The leaderboard's own figures. Its overall score has 40 of 100 for agentic, half of them memory
and half web search, which is not here: it needs the web."""


def language_of(category: str) -> str:
    """ "python", "java" or "javascript"."""
    return {"simple_java": "java", "simple_javascript": "javascript"}.get(category, "python")
