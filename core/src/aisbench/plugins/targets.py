"""What offers name as "module:attribute": imported when a suite uses it."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from aisbench.base.errors import AisbenchError, PluginError
from aisbench.base.raised import described
from aisbench.declared.offers import DeclaredOffer
from aisbench.plugins.catalog import Listed
from aisbench.plugins.importing import TARGET_LIMITS, ImportFault, guarded, time_limit
from aisbench.settings.problems import Problems
from aisbench.types.download import Download
from aisbench.types.offer import DatasetOffer, PartGroup

Result = TypeVar("Result")


def resolve(target: str, listed: Listed) -> Any:
    """Import what ``"module:attribute"`` names. Raises PluginError saying why it cannot be."""
    module_name, _, attribute = target.partition(":")
    with contextlib.suppress(KeyError, AttributeError):
        return getattr(sys.modules[module_name], attribute)
    limit = TARGET_LIMITS * time_limit()
    what = f"{listed.offer.kind} {listed.offer.name!r} of {listed.dist}"
    try:
        return guarded(lambda: getattr(importlib.import_module(module_name), attribute), limit)
    except ModuleNotFoundError as error:
        raise PluginError(
            f"{what} needs the module {error.name!r}, which is not installed",
            hint=f"pip install --upgrade {listed.dist}",
        ) from error
    except ImportFault as error:
        raise PluginError(
            f"{what} {listed.version} cannot be used: {module_name}: {error}",
            hint=report_to(listed),
        ) from error
    except Exception as error:  # a plugin may raise anything
        told = str(error) if isinstance(error, (ImportError, AttributeError)) else _told(error)
        raise PluginError(
            f"{what} {listed.version} cannot be imported: {told}",
            hint="aisbench plugins doctor tells more",
        ) from error


def tried(action: Callable[[], Result], listed: Listed) -> Result:
    """What ``action`` returns, which runs code of a plugin that nobody has asked for by name.
    Raises PluginError, naming the plugin, whatever that code does."""
    try:
        return guarded(action, TARGET_LIMITS * time_limit())
    except PluginError:
        raise
    except Exception as error:
        what = f"{listed.offer.kind} {listed.offer.name!r} of {listed.dist} {listed.version}"
        told = str(error) if isinstance(error, (ImportFault, AisbenchError)) else _told(error)
        raise PluginError(
            f"{what} cannot be used: {told.partition(chr(10))[0]}",
            hint=report_to(listed),
        ) from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def construct(listed: Listed, settings: object | None) -> Any:
    """The object that an offer describes, made with its settings. Raises PluginError."""
    target = resolve(listed.offer.target, listed)
    with named(listed, "cannot be made"):
        if isinstance(listed.offer, DeclaredOffer):
            return target(listed.offer, settings)
        return target(settings) if listed.offer.settings else target()


@contextlib.contextmanager
def named(listed: Listed, what: str) -> Iterator[None]:
    """Around code of a plugin whose failure ends a command: raises PluginError, which names the
    plugin, for all that is no error of our own and none of this machine."""
    try:
        yield
    except (AisbenchError, OSError, Problems):
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{listed.offer.kind} {listed.offer.name!r} of {listed.dist} {listed.version} "
            f"{what}: {described(error)}",
            hint=report_to(listed),
        ) from error


def report_to(listed: Listed) -> str:
    """What to do about a broken plugin."""
    if listed.file is not None:
        return f"correct {listed.file}"
    return f"report it to the authors of {listed.dist}, or --disable-plugin {listed.dist}"


def settings_class(listed: Listed) -> type | None:
    """The settings class of an offer, or None."""
    if listed.offer.settings is None:
        return None
    found: type = resolve(listed.offer.settings, listed)
    return found


def groups_of(listed: Listed) -> tuple[PartGroup, ...]:
    """The groups of parts that a data set reports."""
    assert isinstance(listed.offer, DatasetOffer)
    found = listed.offer.groups
    return tuple(resolve(found, listed)) if isinstance(found, str) else found or ()


def downloads_of(listed: Listed) -> tuple[Download, ...]:
    """The files of a data set that can be fetched."""
    assert isinstance(listed.offer, DatasetOffer)
    found = listed.offer.downloads
    return tuple(resolve(found, listed)) if isinstance(found, str) else found or ()
