"""The processes of a sandbox as process 1 sees them: in the sandbox's own /proc, or, where the
kernel allows none (in containers that hide parts of theirs), in the outer one."""

from __future__ import annotations

import os

CHUNK = 1 << 16


class Proc:
    """``outer`` is an open /proc of the machine, and this process's number in it."""

    def __init__(self, outer: tuple[int, int] | None = None) -> None:
        self.own = outer is None
        self._folder, self._number = outer or (-1, 1)
        if self.own:
            try:
                self._folder = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
            except OSError:
                pass  # nothing can be watched; the limits of single processes remain

    def read(self, name: str, most: int = 1 << 24) -> bytes:
        """Raises OSError."""
        descriptor = os.open(name, os.O_RDONLY, dir_fd=self._folder)
        try:
            found = data = os.read(descriptor, CHUNK)
            while data and len(found) < most:
                data = os.read(descriptor, CHUNK)
                found += data
            return found
        finally:
            os.close(descriptor)

    def pids(self) -> list[str]:
        """The numbers of all processes inside except process 1."""
        try:
            if self.own:
                names = os.listdir(self._folder)
                return [name for name in names if name.isdigit() and name != "1"]
            return self._descendants()
        except OSError:
            return []

    def _descendants(self) -> list[str]:
        """All descendants of process 1, to which orphans belong as well."""
        found: list[str] = []
        waiting = [str(self._number)]
        while waiting:
            pid = waiting.pop()
            try:
                descriptor = os.open(f"{pid}/task", os.O_RDONLY, dir_fd=self._folder)
                try:
                    threads = os.listdir(descriptor)
                finally:
                    os.close(descriptor)
                for thread in threads:
                    children = self.read(f"{pid}/task/{thread}/children").decode().split()
                    found += children
                    waiting += children
            except OSError:
                continue  # it has ended
        return found
