"""From the name of a plugin to those of its distribution, package, module and class."""

from __future__ import annotations

import re

from attrs import frozen

from aisbench.base.errors import PluginError
from aisbench.scaffold.kinds import ScaffoldKind

PREFIX = "aisbench-plugin-"
"""How distributions of plugins begin; packages in the same way, with underscores."""

_FORM = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


@frozen(kw_only=True)
class PluginNames:
    """All names of a new plugin. ``snake`` is its name in Python; ``module`` is where targets are,
    of one file its stem."""

    name: str
    distribution: str
    snake: str
    package: str
    module: str
    class_name: str


def names_of(name: str, kind: ScaffoldKind, *, one_file: bool) -> PluginNames:
    """The names of the plugin ``name``. Raises PluginError for one of another form."""
    if _FORM.match(name) is None:
        form = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        raise PluginError(
            f"{name!r} cannot be the name of a plugin",
            hint="use lower-case words with hyphens between them"
            + (f", such as {form!r}" if _FORM.match(form) else ""),
        )
    words = name.removeprefix(PREFIX).split("-")
    snake = "_".join(words)
    camel = "".join(word.capitalize() for word in words)
    distribution = PREFIX + "-".join(words)
    package = distribution.replace("-", "_")
    return PluginNames(
        name="-".join(words),
        distribution=distribution,
        snake=snake,
        package=package,
        module=snake if one_file else f"{package}.{kind.module}",
        class_name=camel if camel.endswith(kind.suffix) else camel + kind.suffix,
    )
