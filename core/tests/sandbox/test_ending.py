"""Programs that are waited for when a run is stopped."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from aisbench.sandbox import Limits, ProgramEnd, Sandbox, SandboxError
from aisbench.sandbox.host import programs_ended


def test_all_end_and_others_run_afterwards(sandbox: Sandbox) -> None:
    def slept(seconds: int) -> ProgramEnd:
        code = f"import time; time.sleep({seconds})".encode()
        command = [sandbox.python, "-I", "main.py"]
        return sandbox.run({"main.py": code}, command, limits=Limits(seconds=60.0))

    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(slept, 60) for _ in range(2)]
        time.sleep(0.5)
        begun = time.monotonic()
        with programs_ended():
            for one in running:
                with pytest.raises(SandboxError, match="programs are being ended"):
                    one.result()
            with pytest.raises(SandboxError):
                slept(60)
        assert time.monotonic() - begun < 30
    assert slept(0).status == "exited"
