"""``aisbench view``."""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from aisbench import AisbenchError
from aisbench.api import ExitCode, command_parser, wording
from aisbench_plugin_view.folder import OutputsFolder
from aisbench_plugin_view.guard import LOOPBACK

OUTPUTS = Path("outputs")


def main(words: Sequence[str]) -> int:
    """Serve the pages until Ctrl-C, or write them; the exit code. Raises AisbenchError."""
    args = _parser().parse_args(words)
    if args.host not in LOOPBACK:
        raise AisbenchError(
            f"--host {args.host}: is not of this machine alone",
            hint="runs hold prompts, answers and addresses: from elsewhere, use a tunnel: "
            f"ssh -L 8650:127.0.0.1:8650 {socket.gethostname()}",
        )
    folder = OutputsFolder.open(args.outputs)
    if args.export is not None:
        from aisbench_plugin_view.export import export

        return export(folder, args.export, args.answers)
    if args.answers is not None:
        raise AisbenchError("--answers: is for --export", hint="leave one out, or give both")
    try:
        asyncio.run(_serve(folder, args.host, args.port, browser=not args.no_browser))
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return ExitCode.OK


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "view",
        "Look at a folder of runs in a browser: figures, trends, every single answer, "
        "two models side by side, a run that still goes on. Runs are only read.",
        package=__package__,
    )
    parser.add_argument(
        "outputs",
        nargs="?",
        type=Path,
        default=OUTPUTS,
        help="the folder that holds the runs, or one run (default: ./outputs)",
    )
    parser.add_argument("--port", type=_port, help="default: 8650, or one that is free")
    parser.add_argument(
        "--host", default="127.0.0.1", help="an address of this machine alone: 127.0.0.1 or ::1"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="print the address, and open nothing"
    )
    parser.add_argument(
        "--export", type=Path, metavar="FOLDER", help="write the pages as files, and end"
    )
    parser.add_argument(
        "--answers",
        type=int,
        metavar="N",
        help="with --export: at most N answers of each task (default: all)",
    )
    return parser


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number up to 65535")
    return int(text)


async def _serve(folder: OutputsFolder, host: str, port: int | None, *, browser: bool) -> None:
    from aisbench_plugin_view.server import ViewServer
    from aisbench_plugin_view.viewer import Viewer

    words = wording(__package__)
    server = ViewServer(Viewer(folder))
    async with server.serving(port, host) as address:
        print(words.text("{folder}: open {address}", folder=folder.top, address=address))
        if "SSH_CONNECTION" in os.environ:
            print(
                words.text(
                    "from your own machine, first: ssh -L {port}:127.0.0.1:{port} {host}",
                    port=server.port,
                    host=socket.gethostname(),
                )
            )
        print(words.text("Ctrl-C ends it"), flush=True)
        if browser and "SSH_CONNECTION" not in os.environ:
            # It may wait for a browser of text to end.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        await asyncio.Event().wait()
