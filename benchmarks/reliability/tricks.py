"""Pieces of hostile programs. Each is the body of a function, with numbers drawn from a seed; a
program is several of them, in any order, in processes and threads of its own."""

from __future__ import annotations

import random

HEAD = """
import ctypes, fcntl, mmap, os, random, resource, signal, socket, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
held = []
def every(act, values):
    for value in values:
        try: act(value)
        except (OSError, ValueError, OverflowError, RuntimeError): pass
def forks(count, act):
    for n in range(count):
        try:
            if os.fork() == 0:
                try: act(n)
                except BaseException: pass
                time.sleep(60)
                os._exit(0)
        except OSError: return
"""

MEMORY = {
    "anonymous": "forks({few}, lambda n: (held.append(b'1' * ({large} << 20)), time.sleep(60)))",
    "shared": "def act(n):\n"
    "    while True:\n"
    "        part = mmap.mmap(-1, {small} << 20)\n        part.write(b'1' * ({small} << 20))\n"
    "        if {coin}: part.madvise(mmap.MADV_DONTNEED)\n        held.append(part)\n"
    "forks({many}, act)",
    "shared by a file": "def act(n):\n"
    "    file = open(f'map{{n}}', 'w+b'); file.truncate({large} << 20)\n"
    "    part = mmap.mmap(file.fileno(), 0); os.unlink(f'map{{n}}')\n"
    "    for place in range(0, len(part), 4096): part[place] = 1\n"
    "forks({few}, act)",
    "sockets": "def act(n):\n"
    "    while True:\n"
    "        for one in socket.socketpair(socket.AF_UNIX, {coin} + 1):\n"
    "            held.append(one); one.setblocking(False)\n"
    "            every(lambda name: one.setsockopt(1, name, 1 << 24), (7, 8, 32, 33))\n"
    "            try:\n                while True: one.send(bytes({small} << 10))\n"
    "            except BlockingIOError: pass\n"
    "forks({many}, act)",
    "sockets within sockets": "for _ in range({many}):\n"
    "    a, b = socket.socketpair(); c, d = socket.socketpair()\n"
    "    c.setblocking(False)\n"
    "    try:\n        while True: c.send(bytes(65536))\n    except BlockingIOError: pass\n"
    "    socket.send_fds(a, [b'x'], [b.fileno(), c.fileno(), d.fileno()])",
    "pipes": "def act(n):\n"
    "    while True:\n"
    "        reads, writes = os.pipe2(os.O_NONBLOCK)\n"
    "        every(lambda size: fcntl.fcntl(writes, 1031, size), (1 << 20, 1 << 24))\n"
    "        try:\n            while True: os.write(writes, bytes(4096))\n"
    "        except BlockingIOError: pass\n"
    "forks({many}, act)",
    "mappings": "def act(n):\n"
    "    for k in range(60_000):\n"
    "        libc.mmap(None, 4096, 1 + 2 * (k % 2), 0x22, -1, ctypes.c_long(0))\n"
    "forks({many}, act)",
    "locks": "file = open('locked{n}', 'wb')\n"
    "every(lambda k: fcntl.fcntl(file, fcntl.F_SETLK, struct.pack('hhlli', 1, 0, k, 1, 0)),\n"
    "      range({large}000, 0, -2))",
    "stacks": "threading.stack_size({small} << 20)\n"
    "every(lambda k: threading.Thread(target=time.sleep, args=(60,), daemon=True).start(),\n"
    "      range(200))",
    "waits upon waits": "import select\n"
    "polls = [select.epoll() for _ in range({few})]\n"
    "every(lambda k: polls[k % {few}].register(os.eventfd(0), 1), range(900))\n"
    "every(lambda k: polls[k].register(polls[k + 1], 1), range({few} - 1))",
    "files": "every(lambda k: os.mkdir(f'{n}-{{k}}') or os.symlink('x' * 4000, f'{n}-{{k}}/x'),\n"
    "      range(100_000))",
    "a full disk": "every(lambda k: open(f'{n}full{{k}}', 'wb').write(bytes(1 << 20)),\n"
    "      range(500))",
    "nobody's": "every(lambda call: held.append(libc.syscall(*call)), [(319, b'x', 0), (447, 0),\n"
    "    (29, 0, {large} << 20, 0o1600), (68, 0, 0o1600), (64, 0, 32000, 0o1600), (206, 64, 0),\n"
    "    (425, 4096, 0), (294, 0), (323, 0), (248, b'user', b'{n}', b'x' * 9000, 9000, -3)])",
    "timers": "class Event(ctypes.Structure):\n"
    "    _fields_ = [('v', ctypes.c_long), ('s', ctypes.c_int), ('n', ctypes.c_int),\n"
    "                ('rest', ctypes.c_char * 48)]\n"
    "number = ctypes.c_int()\n"
    "every(lambda k: libc.syscall(222, 1, ctypes.byref(Event(0, 34 + k % 20, 1)),\n"
    "    ctypes.byref(number)), range({large}000))",
    "huge pages": "libc.mmap(None, {large} << 20, 3, 0x40022, -1, ctypes.c_long(0))",
}
OTHERS = {
    "signals to process 1": "every(lambda n: os.kill(1, n), random.Random({n}).sample(\n"
    "    range(1, 65), 64))",
    "queued signals": "info = ctypes.create_string_buffer(128)\n"
    "every(lambda n: libc.syscall(129, 1, n, info), range(1, 65))",
    "limits of process 1": "every(lambda n: resource.prlimit(1, n, ({coin}, {coin})), range(16))",
    "turns": "every(lambda f: f(), [lambda: os.setpriority({coin} * 2, 1 - {coin}, 19),\n"
    "    lambda: os.sched_setaffinity(1, [0]),\n"
    "    lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))])",
    "memory of process 1": "every(lambda n: os.write(os.open('/proc/1/' + n, os.O_RDWR), b'1'),\n"
    "      ['mem', 'oom_score_adj', 'clear_refs', 'attr/current', 'loginuid', 'fd/1', 'fd/0'])",
    "traces": "every(lambda r: libc.syscall(101, r, 1, 0, 0), [16, 0x4206, 0x4201])\n"
    "libc.syscall(311, 1, ctypes.create_string_buffer(16), 1, ctypes.create_string_buffer(16), 1)",
    "outside": "every(lambda p: open(p, 'ab').write(b'x'), [sys.executable, os.__file__,\n"
    "    '/dev/shm/{mark}', '/usr/{mark}', '/etc/{mark}', '/{mark}',\n"
    "    '/proc/sys/kernel/hostname', {canary!r}, os.path.dirname(os.__file__) + '/{mark}.pth',\n"
    "    '/dev/mem', '/proc/kcore'])\n"
    "every(os.unlink, [{canary!r}, os.__file__])\n"
    "every(lambda p: os.chmod(p, 0o777), [os.__file__, sys.executable, '/usr', '/'])",
    "namespaces": "every(libc.unshare, [0x10000000, 0x20000, 0x40000000, 0x7E020000])\n"
    "every(lambda c: libc.syscall(*c), [(165, b't', b'/', b'tmpfs', 0, 0), (166, b'/proc', 2),\n"
    "    (161, b'/sandbox'), (435, ctypes.create_string_buffer(88), 88), (56, 0x10000011, 0)])",
    "kills all": "signal.signal(15, signal.SIG_IGN)\nos.kill(-1, [15, 19, 9][{n} % 3])",
    "stops": "os.kill(os.getpid(), signal.SIGSTOP)",
    "storm": "while True:\n    try: os.fork()\n    except OSError: pass",
    "zombies": "while True:\n    try:\n        if os.fork() == 0: os._exit(0)\n"
    "    except OSError: pass",
    "orphans": "def on():\n    while True:\n        try:\n            if os.fork(): os._exit(0)\n"
    "        except OSError: pass\nforks({few}, lambda n: on())",
    "daemons": "for _ in range({few}):\n    if os.fork() == 0:\n        os.setsid()\n"
    "        every(lambda n: signal.signal(n, signal.SIG_IGN), range(1, 65))\n"
    "        os.closerange(0, 99)\n        time.sleep(60)",
    "flood": "while True: os.write(1 + {coin}, b'exited 0 0.1 2 0 0\\n' * {small}00)",
    "closes": "os.closerange({coin}, 4096)",
    "garbage": "every(lambda n: os.write(n, random.Random({n}).randbytes({large}000)),\n"
    "      [3, 4, 5, 6, 1, 2])",
    "own pipes": "writes = os.open('/proc/self/fd/0', os.O_WRONLY | os.O_NONBLOCK)\n"
    "every(lambda k: os.write(writes, bytes(4096)), range(9999))",
    "descriptors": "forks({few}, lambda n: every(lambda k: held.append(os.pipe()), range(9999)))",
    "deep folders": "while True:\n    os.mkdir('d' * 255); os.chdir('d' * 255)",
    "modes": "every(lambda k: os.mkdir(f'm{{k}}', 0), range(99)); os.chmod('/sandbox', 0)",
    "crash": "forks({few}, lambda n: ctypes.string_at(0))\nos.abort()",
    "waits": "[os.read(os.pipe()[0], 1), open('/proc/self/fd/0').read()]",
    "environment": "os.execve(sys.executable, [sys.executable, '-c', 'all(iter(int, 1))'],\n"
    "    {{str(k): 'x' * 100_000 for k in range({small})}})",
    "spins": "[threading.Thread(target=lambda: all(iter(int, 1)), daemon=True).start()\n"
    " for _ in range({few})]\nall(iter(int, 1))",
    "sessions": "forks({many}, lambda n: (os.setsid(), all(iter(int, 1))))",
    "network": "every(lambda p: socket.create_connection(('127.0.0.1', p), 0.1), [22, 80])\n"
    "every(lambda f: socket.socket(f, {coin} + 1), range(1, 46))",
    "hides": "libc.prctl(4, 0, 0, 0, 0); libc.prctl(36, 1, 0, 0, 0)\n"
    "every(lambda n: resource.setrlimit(n, (0, 0)), [4]); libc.personality(0x0040000)",
    "filters": "libc.prctl(38, 1, 0, 0, 0)\n"
    "every(lambda k: libc.prctl(22, 2, ctypes.byref(ctypes.c_long(1)), 0, 0), range({large}))",
}
ALL = {**MEMORY, **OTHERS}


def hostile(draw: random.Random, mark: str, canary: str) -> tuple[list[str], str]:
    """The names of the tricks of one program, and its text."""
    names = draw.sample(list(ALL), draw.randint(1, 4))
    text = HEAD
    for place, name in enumerate(names):
        body = ALL[name].format(
            n=draw.randrange(1000),
            few=draw.randint(2, 8),
            many=draw.randint(9, 40),
            small=draw.randint(1, 30),
            large=draw.randint(30, 120),
            coin=draw.randint(0, 1),
            mark=mark,
            canary=canary,
        )
        text += f"def trick{place}():\n" + "".join(f"    {line}\n" for line in body.splitlines())
    for place in range(len(names)):
        call = f"trick{place}()"
        way = draw.choice(["straight", "straight", "fork", "thread"])
        if way == "thread":
            call = f"threading.Thread(target=trick{place}, daemon=True).start()"
        if way == "fork":
            call = f"os.fork() or trick{place}()"
        text += f"try: {call}\nexcept BaseException: pass\n"
    return names, text + draw.choice(
        ["", "time.sleep(60)\n", "os._exit(0)\n", "all(iter(int, 1))\n"]
    )
