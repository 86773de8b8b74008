"""Faults of plugins' own code at one sample: each fails that sample, and never the run."""

from __future__ import annotations

import logging

from aisbench.base.raised import described
from aisbench.types.response import Fault, FaultKind

log = logging.getLogger(__name__)

PLUGIN_ERRORS = (Exception, SystemExit)
"""What code of a plugin may raise without ending the run."""


def plugin_fault(whose: str, sample: str, error: BaseException) -> Fault:
    """The fault of a sample at which a plugin broke; the log has the traceback. ``whose`` names
    the plugin: "template 'chat' of aisbench 1.0"."""
    log.info("%s fails at sample %s", whose, sample, exc_info=error)
    return Fault(
        kind=FaultKind.PLUGIN,
        message=f"{whose} fails: {described(error)}, at sample {sample}",
        deterministic=True,
    )
