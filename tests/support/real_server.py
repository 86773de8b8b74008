"""A real server's process, from its start to its end."""

from __future__ import annotations

import contextlib
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def answering(
    process: subprocess.Popen[bytes], url: str, seconds: float, name: str, log: Path
) -> Iterator[str]:
    """Wait until ``url`` says that it is healthy; yield ``url``; end the process.

    Raises RuntimeError when it ended, or was not healthy, within ``seconds``.
    """
    try:
        deadline = time.monotonic() + seconds
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                urllib.request.urlopen(f"{url}/health", timeout=5).close()
                break
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start; see {log}")
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
