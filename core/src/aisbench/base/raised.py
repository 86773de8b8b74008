"""What code of plugins raises, and what is told of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from aisbench.base.errors import AisbenchError, PluginError


@contextlib.contextmanager
def never_ended() -> Iterator[None]:
    """Raises PluginError for the SystemExit of a plugin, which would look like an end that was
    wished for. Command lines that argparse refuses pass."""
    try:
        yield
    except SystemExit as error:
        import traceback  # rarely needed, and slow to import

        place = traceback.extract_tb(error.__traceback__)[-1]
        if place.filename.replace("\\", "/").endswith("/argparse.py"):
            raise
        raise PluginError(
            f"a plugin ends the program (sys.exit({error.code!r})): "
            f"{place.filename}:{place.lineno}",
            hint="report it to the authors of the plugin; what is stored is intact",
        ) from error


def described(error: BaseException) -> str:
    """What was raised, and where; of an error of our own its message and hint."""
    if isinstance(error, AisbenchError):
        words = f"{error.message} ({error.hint})" if error.hint else error.message
        return words[:1000]
    import traceback  # rarely needed, and slow to import

    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        name = frames[-1].filename.replace("\\", "/").rpartition("/")[2]
        place = f" ({name}:{frames[-1].lineno})"
    return f"{type(error).__name__}: {_words(error)}"[:1000] + place


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as second:  # noqa: BLE001 - also what it says is a plugin's code
        return f"(its text raises {type(second).__name__})"
