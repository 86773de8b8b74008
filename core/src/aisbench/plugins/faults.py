"""Why a plugin cannot be used, in words for its user."""

from __future__ import annotations

from attrs import frozen

from aisbench.plugins.catalog import BrokenPlugin
from aisbench.plugins.importing import ImportFault
from aisbench.plugins.installed import Installed
from aisbench.plugins.loading import UnfitPlugin


@frozen(kw_only=True)
class PluginFault:
    """Why a plugin cannot be used, in one line, and what helps. ``missing`` is the module that it
    needs, if that is why."""

    reason: str
    fix: str = ""
    details: str = ""
    missing: str | None = None


def fault_of(error: Exception) -> PluginFault:
    """What is wrong with a plugin whose import, or one of whose hooks, raised ``error``."""
    import traceback  # most starts meet no fault

    details = "".join(traceback.format_exception(error))
    if isinstance(error, UnfitPlugin):
        return PluginFault(reason=_line(error.reason), fix=error.fix, details=details)
    if isinstance(error, ModuleNotFoundError):
        return PluginFault(reason=_line(str(error)), missing=error.name, details=details)
    name = "" if isinstance(error, ImportFault) else f"{type(error).__name__}: "
    return PluginFault(reason=_line(f"{name}{error}"), details=details)


def fault_record(one: Installed, fault: PluginFault) -> BrokenPlugin:
    """The record of a plugin that cannot be used."""
    reason, fix = fault.reason, fault.fix
    if fault.missing is not None:
        reason = f"needs the module {fault.missing!r}, which is not installed"
        fix = f"pip install --force-reinstall {one.dist}, or install {fault.missing!r}"
    return BrokenPlugin(
        plugin=one.name,
        dist=one.dist,
        version=one.version,
        reason=reason,
        fix=fix
        or f"report it to the authors of {one.dist}, pip uninstall {one.dist}, or leave it out "
        f"with --disable-plugin {one.dist}",
        details=fault.details,
    )


def _line(text: str) -> str:
    return text.strip().partition("\n")[0]
