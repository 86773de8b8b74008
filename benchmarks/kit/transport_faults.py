"""Transports of a plugin's own with one fault each."""

from __future__ import annotations

from trial_site import Change, Fault


def _line(
    what: str, by: str, old: str, new: str, words: str, *more: Change, once: bool = False
) -> Fault:
    code = ((old, new), *more)
    return Fault(kind="transport", what=what, by=by, code=code, words=words, once=once)


_READ = "            line = await self.reader.readline()\n"
_SENT = "        tape.sent(at=at)\n"
_OPEN = "        return Line(*await asyncio.open_connection(url.hostname, url.port))"
_GIVEN_UP = "requests that are given up"

TRANSPORTS = [
    _line("it sleeps without awaiting", "answers", _READ, f"            time.sleep(0.3)\n{_READ}",
          "holds the event loop"),
    _line("it blocks on its socket", "servers that are none", _OPEN,
          "        made = socket.create_connection((url.hostname, url.port))\n"
          "        made.recv(1, socket.MSG_PEEK)\n"
          "        return Line(*await asyncio.open_connection(sock=made))",
          "held the event loop"),
    _line("it never says that the request was sent", "answers", _SENT, "", "sent()"),
    _line("it says so when the answer is there", "answers", _SENT, "", "before sent()",
          ("                self.whole = True\n",
           "                tape.sent(at=at)\n                self.whole = True\n")),
    _line("it says so twice", "answers", _SENT, _SENT * 2, "twice"),
    _line("it tells other text than it returns", "answers", "piece)\n            text",
          "piece.upper())\n            text", "tells the tape"),
    _line("negative tokens", "answers", "tape.read(int(bool(piece))", "tape.read(-1", "-1"),
    _line("no tokens", "answers", "tape.read(int(bool(piece))", "tape.read(0", "TTFT"),
    _line("instants of another clock", "answers", _SENT,
          "        tape.sent(at=time.time_ns())\n", "to come"),
    _line("the wrong text is told and returned", "answers", "Response(text=text,",
          "Response(text=text.strip('.'),",
          "It is 2", ("piece)\n            text", "piece.strip('.'))\n            text")),
    _line("usage is claimed and not told", "answers", "completion_tokens=count",
          "completion_tokens=None", "says usage"),
    _line("its connections stay open", "answers", "self.writer.close()", "pass", "left open"),
    _line("a connection that cannot be made stays open", "servers that are none", _OPEN,
          "        made = await asyncio.open_connection(url.hostname, url.port)\n"
          "        try:\n            await asyncio.wait_for(made[0].readexactly(1), 0.1)\n"
          "        except asyncio.TimeoutError:\n            pass\n"
          "        else:\n            raise TransportError(FaultKind.PROTOCOL, 'no line')\n"
          "        return Line(*made)", "left open"),
    _line("a task that nobody ends", "answers", _SENT,
          f"{_SENT}        self.task = asyncio.ensure_future(asyncio.sleep(60))\n",
          "left running"),
    _line("close() raises", "answers", "self.writer.close()",
          "self.writer.close()\n        raise KeyError('gone')", "close() raises"),
    _line("close() never ends", "answers", "self.writer.close()",
          "self.writer.close()\n        await asyncio.sleep(60)", "does not end"),
    _line("CancelledError is swallowed", _GIVEN_UP, _READ,
          "            try:\n    " + _READ + "            except asyncio.CancelledError:\n"
          "                return Response(text=text)\n", "does not pass"),
    _line("CancelledError becomes another", _GIVEN_UP, _READ,
          "            try:\n    " + _READ + "            except BaseException:\n"
          "                raise TransportError(FaultKind.CUT, 'broken') from None\n",
          "does not pass"),
    _line("it goes on when it is cancelled", _GIVEN_UP, _READ,
          "            try:\n    " + _READ + "            except asyncio.CancelledError:\n"
          "                await asyncio.sleep(60)\n                raise\n", "goes on"),
    _line("it connects in its constructor", "construction", "self.opened = 0",
          "self.made = socket.socket()", "opens a socket"),
    _line("it starts a loop in its constructor", "construction", "self.opened = 0",
          "self.loop = asyncio.new_event_loop()", "opens a socket"),
    _line("it starts a thread in its constructor", "construction", "self.opened = 0",
          "__import__('threading').Thread(target=print, args=('',), daemon=True).start()",
          "starts a thread", ("import socket\n", "import socket\nprint = lambda *_: None\n")),
    _line("a setting never reaches the server", "generation settings", "**request.generation}",
          "**{k: v for k, v in request.generation.items() if k != 'top_p'}}", "top_p"),
    _line("settings that it does not know are dropped", "generation settings",
          "**request.generation}",
          "**{k: v for k, v in request.generation.items() if '_' not in k or k == 'max_tokens'}}",
          "conformance_setting"),
    _line("a connection that the server ended is used again", "answers",
          "return self.whole and not self.reader.at_eof()", "return True", "no second request",
          once=True),
    _line("what is no answer is a bug", "servers that are none",
          "except (ValueError, AttributeError):", "except AttributeError:", "a bug of"),
    _line("the end of a connection ends an answer", "servers that are none",
          "                raise TransportError(FaultKind.CUT, \"the connection ended\")\n",
          "                return Response(text=text)\n", "passes for an answer"),
]  # fmt: skip
