"""One process at a time in a run directory, and what is checked before it begins."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from aisbench.base.errors import AisbenchError, DamageError, StoreError
from aisbench.store.earlier import recover_results
from aisbench.store.files import clear_litter, failure
from aisbench.store.run import RunFolder
from aisbench.store.seals import seal, verify

LOOKS, LOOK_SECONDS = 3, 0.01
""":func:`at_work` holds a run for microseconds."""


@contextlib.contextmanager
def locked(run: RunFolder) -> Iterator[None]:
    """Hold the run for this process alone; what a killed one was about to do is finished.

    Afterwards its files are sealed. Raises AisbenchError when another process holds it,
    DamageError when files of the run are not what an earlier session left.
    """
    try:
        fd = os.open(run.path / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise failure(run.path, error) from error
    try:
        try:
            _take(fd)
        except BlockingIOError:
            raise AisbenchError(
                f"{run.path}: another aisbench process is working there",
                hint="wait for it, or stop it; the lock goes with the process",
            ) from None
        clear_litter(run.path)
        recover_results(run)
        verified = verify(run)
        try:
            yield
        except DamageError:
            raise  # what is damaged must not be what the run is from now on
        except (AisbenchError, KeyboardInterrupt):
            with contextlib.suppress(StoreError):  # the first error is the one to tell
                seal(run, verified)
            raise
        seal(run, verified)
    finally:
        os.close(fd)


def at_work(run: RunFolder) -> bool:
    """Whether a process of this machine holds the run now."""
    try:
        fd = os.open(run.path / ".lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks: nobody can tell
        return False
    finally:
        os.close(fd)
    return False


def _take(fd: int) -> None:
    """Raises BlockingIOError when another process holds it, and not just looks whether one
    does."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(LOOK_SECONDS)
        else:
            return
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
