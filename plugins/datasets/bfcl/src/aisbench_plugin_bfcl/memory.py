"""The memory categories: what a model wrote down in earlier conversations is there in later ones.

After ``add_memory_instruction_system_prompt`` and the memory services of bfcl-eval.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import attrs

from aisbench.api import Message, Prompt, Response, Transcript
from aisbench_plugin_bfcl.conversation import calls_of, walk
from aisbench_plugin_bfcl.library import library
from aisbench_plugin_bfcl.services import Memory


def recall(entry: dict[str, Any], after: Sequence[str], before: Sequence[Transcript]) -> Memory:
    """The memory as the conversations ``before``, of the rows ``after``, left it: their calls are
    executed once more."""
    with tempfile.TemporaryDirectory(prefix="aisbench-bfcl-") as name:
        folder = Path(name)
        for row, transcript in zip(after, before, strict=True):
            earlier = Memory({**entry, "id": row}, folder)
            native = bool(transcript.prompts[0].tools)
            for response in transcript.responses:
                earlier.execute(calls_of(response, native=native))
            earlier.keep()
        return Memory(entry, folder)


def converse(
    entry: dict[str, Any], first: Prompt, memory: Memory
) -> Generator[Prompt, Response, None]:
    """A conversation of a model that knows of its memory; a plain text is put as it stands."""
    if first.messages is None:
        yield first
        return
    yield from walk(entry, told(entry, first, memory.content), memory)


def told(entry: dict[str, Any], first: Prompt, content: str) -> Prompt:
    """``first`` with what the prompt says of the memory: after the functions, before the form of
    the answer."""
    shared = library()
    text = shared.memory_prompt(entry["id"], entry["scenario"], content)
    messages = first.messages or ()
    if not messages or messages[0].role != "system":
        return attrs.evolve(first, messages=(Message(role="system", content=text), *messages))
    system, form = messages[0].text, shared.answer_form
    if system.endswith(form):
        system = f"{system.removesuffix(form)}{text}\n\n{form}"
    else:
        system = f"{system}\n\n{text}"
    return attrs.evolve(first, messages=(Message(role="system", content=system), *messages[1:]))
