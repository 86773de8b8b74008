"""What ``import aisbench`` offers: all of it there, none of it imported before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import aisbench
from aisbench.base import errors


def test_every_name_is_there() -> None:
    for name in aisbench.__all__:
        assert getattr(aisbench, name).__name__ == name
        assert getattr(aisbench, name).__doc__
    assert set(aisbench.__all__) <= set(dir(aisbench))


def test_every_error_of_a_run_is_among_them() -> None:
    for name, found in vars(errors).items():
        if isinstance(found, type) and issubclass(found, errors.AisbenchError):
            assert getattr(aisbench, name) is found


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'aisbench' has no attribute 'rum'"):
        getattr(aisbench, "rum")  # noqa: B009 - mypy would refuse it
    assert not hasattr(aisbench, "__path__x")


def test_the_library_is_imported_when_it_is_used() -> None:
    code = (
        "import sys, aisbench\n"
        "assert not any(name.startswith('aisbench.') for name in sys.modules)\n"
        "aisbench.ConfigError\n"
        "assert 'aisbench.runs' not in sys.modules\n"
        "aisbench.load_run\n"
        "heavy = {'numpy', 'pandas', 'polars', 'pyarrow', 'rich'} & {*sys.modules}\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
