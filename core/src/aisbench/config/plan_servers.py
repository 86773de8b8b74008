"""[servers]: that each is used, and that no command holds a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aisbench.config.plan import Model
from aisbench.config.resolve import ComponentMaker
from aisbench.config.suite import Suite

_SECRET_OPTION = re.compile(
    r"--?[\w-]*(api[-_]?key|token|password|secret)(=.*)?\Z", re.IGNORECASE | re.DOTALL
)


def _check_command(maker: ComponentMaker, name: str, command: Sequence[str]) -> None:
    """Refuse secrets: a command is kept in files of the run, and every user of the machine sees it
    in the list of processes."""
    for index, word in enumerate(command):
        found = _SECRET_OPTION.match(word)
        if found and (found[2] or index + 1 < len(command)):
            maker.add(
                ("servers", name, "command", index),
                f"{word.partition('=')[0]} puts a secret into the command, and so into the run",
                "let the server read it from the environment, which it gets (vLLM: VLLM_API_KEY)",
            )


def check_servers(
    maker: ComponentMaker, suite: Suite, models: Sequence[Model], *, every_model_read: bool
) -> None:
    """Note what is wrong with the servers of a suite."""
    used = {model.service.server for model in models if not model.local}
    for name, server in suite.servers.items():
        _check_command(maker, name, server.command)
        if name not in used and every_model_read:
            maker.add(("servers", name), "is used by no model", f'set server = "{name}" in one')
