"""What a plugin's module offers, held to the contract."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType

from aisbench.contract.versions import WrongVersion, check_version
from aisbench.plugins.catalog import HOOK_OFFERS
from aisbench.types.offer import Offer

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(@[a-z]+(_[a-z]+)?)?\Z")
_TARGET = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")


class UnfitPlugin(Exception):
    """A plugin that can be imported, and breaks the contract: ``reason`` is one line, ``fix``
    what to do."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix


def offers_of_module(module: ModuleType, dist: str) -> list[Offer]:
    """What the hooks of a plugin's module return. ``dist`` is the distribution that is to be
    upgraded where the module is too old.

    Raises UnfitPlugin, and whatever a hook raises.
    """
    check_api(getattr(module, "AISBENCH_API", None), dist)
    offers: list[Offer] = []
    for hook, function in _implementations(module):
        returned = function()
        if not isinstance(returned, Iterable):
            names = " or ".join(kind.__name__ for kind in HOOK_OFFERS[hook])
            raise UnfitPlugin(f"{hook} returns {returned!r}", f"return a list of {names}")
        offers += [check_offer(hook, offer) for offer in returned]
    return offers


def hooks_of(module: ModuleType) -> list[str]:
    """The hooks that a plugin's module implements."""
    return [hook for hook, _ in _implementations(module)]


def check_api(stated: object, dist: str) -> None:
    """Raises UnfitPlugin for a plugin that was written for a contract that this is not."""
    try:
        check_version(stated)
    except WrongVersion as error:
        side = "aisbench" if error.upgrade == "aisbench" else dist
        raise UnfitPlugin(str(error), f"pip install --upgrade {side}") from None


def check_offer(hook: str, offer: object) -> Offer:
    """``offer`` itself. Raises UnfitPlugin for one that is not as it must be."""
    wanted = HOOK_OFFERS[hook]
    if not isinstance(offer, wanted):
        names = " or ".join(kind.__name__ for kind in wanted)
        raise UnfitPlugin(f"{hook} returns {offer!r}", f"return {names} objects")
    name: object = offer.name  # nobody checks the types of a plugin
    if not isinstance(name, str) or not _NAME.match(name):
        raise UnfitPlugin(f"{hook} offers the name {name!r}", "use lower-case kebab names")
    for target in (
        offer.target,
        offer.settings,
        getattr(offer, "groups", None),
        getattr(offer, "downloads", None),
    ):
        if isinstance(target, str) and not _TARGET.match(target):
            raise UnfitPlugin(
                f"{offer.name} has the target {target!r}", 'write "module:attribute"'
            )
    summary: object = offer.summary
    if not isinstance(summary, str) or not summary or "\n" in summary:
        raise UnfitPlugin(f"{offer.name} has no one-line summary", "say in one line what it is")
    return offer


def _implementations(module: ModuleType) -> Sequence[tuple[str, Callable[[], object]]]:
    """(hook, function) of each hook that a module implements, in the order of the hooks."""
    import difflib

    import pluggy

    from aisbench.contract import hooks

    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    for name in dir(module):
        if manager.parse_hookimpl_opts(module, name) and name not in HOOK_OFFERS:
            near = difflib.get_close_matches(name, HOOK_OFFERS, 1)
            raise UnfitPlugin(
                f"implements a hook that does not exist: {name}",
                f"rename it to {near[0]}" if near else f"hooks are {', '.join(HOOK_OFFERS)}",
            )
    manager.register(module)
    return [
        (hook, implementation.function)
        for hook in HOOK_OFFERS
        for implementation in getattr(manager.hook, hook).get_hookimpls()
    ]
