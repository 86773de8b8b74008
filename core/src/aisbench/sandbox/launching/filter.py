"""The seccomp filter: system calls that no program of a benchmark needs.

A call is refused for one of three reasons. It gives power over more than the program itself
(mounts, namespaces, other processes, the supervisor, which is process 1); it keeps memory or
kernel objects that no limit of a process counts (memfd, System V, inotify, huge pages, large
pipes); or it belongs to a part of the kernel that such programs never use and attacks often do
(io_uring, bpf).
Calls that libraries can do without are answered "not implemented", the rest "not permitted". This
file uses only the standard library: the launcher runs it inside the sandbox.
"""

from __future__ import annotations

import ctypes
import os
import struct

from .calls import ARCHITECTURES, CALLS, NEWEST

_ERRNO, _ALLOW, _KILL = 0x00050000, 0x7FFF0000, 0x80000000
_DONE, _EPERM, _ENOMEM, _ENOSYS, _EPROTONOSUPPORT, _EAFNOSUPPORT = 0, 1, 12, 38, 93, 97
_LOAD, _EQUAL, _GREATER, _BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_NEW_NAMESPACES = 0x7E020000

NOT_PERMITTED = (
    "unshare", "mount", "umount2", "pivot_root", "setns", "chroot", "mount_setattr", "open_tree",
    "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "ptrace", "process_vm_readv",
    "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp",
    "move_pages", "migrate_pages", "kexec_load", "init_module", "finit_module", "delete_module",
    "swapon", "swapoff", "reboot", "acct", "syslog", "quotactl", "name_to_handle_at",
    "open_by_handle_at", "modify_ldt",
)  # fmt: skip
NOT_IMPLEMENTED = (
    "clone3",  # its flags are behind a pointer, which a filter cannot follow
    "memfd_create", "memfd_secret", "shmget", "msgget", "semget", "mq_open", "vmsplice",
    "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup",
    "inotify_init", "inotify_init1", "fanotify_init", "add_key", "request_key", "keyctl", "bpf",
    "perf_event_open",
)  # fmt: skip

Condition = tuple[int, str, int]
"""The place of an argument, "is", "not", "above" or "has" (one of these bits), and a number."""
Rule = tuple[str, tuple[Condition, ...], int]
"""A call, the conditions that must all hold, and the number of the error."""

_SUPERVISOR = 1
RULES: tuple[Rule, ...] = (
    ("clone", ((0, "has", _NEW_NAMESPACES),), _EPERM),
    # vsock would reach the host of a virtual machine; others make the kernel load modules.
    ("socket", ((0, "not", 1), (0, "not", 2), (0, "not", 10)), _EAFNOSUPPORT),
    ("socket", ((2, "not", 0), (2, "not", 1), (2, "not", 6), (2, "not", 17)), _EPROTONOSUPPORT),
    ("socketpair", ((0, "not", 1),), _EAFNOSUPPORT),
    # As the kernel does with sizes above its limit: nothing changes, and no error is reported.
    *(("setsockopt", ((1, "is", 1), (2, "is", name)), _DONE) for name in (7, 8, 32, 33)),
    ("mmap", ((3, "has", 0x40000),), _ENOMEM),  # MAP_HUGETLB
    *(("fcntl", ((1, "is", name),), _EPERM) for name in (1031, 1026)),  # F_SETPIPE_SZ, F_NOTIFY
    ("prctl", ((0, "is", 4),), _EPERM),  # PR_SET_DUMPABLE, which hides what it uses
    # Even a core of size 0 would be handed to the machine's crash handler.
    ("setrlimit", ((0, "is", 4),), _EPERM),
    ("prlimit64", ((1, "is", 4), (2, "not", 0)), _EPERM),
    # Where program and supervisor run as one user, these could end, stop or slow the supervisor.
    *((name, ((0, "is", _SUPERVISOR),), _EPERM) for name in (
        "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open",
        "prlimit64", "sched_setparam", "sched_setscheduler", "sched_setattr", "sched_setaffinity",
    )),
    *((name, ((1, "is", _SUPERVISOR),), _EPERM) for name in ("setpriority", "ioprio_set")),
    ("setpriority", ((0, "is", 2),), _EPERM),  # of all processes of the user
    ("ioprio_set", ((0, "is", 3),), _EPERM),
)  # fmt: skip


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def _rule(number: int, conditions: tuple[Condition, ...], error: int) -> list[bytes]:
    """Steps that return the error, or go on with the call's number loaded again."""
    tests: list[bytes] = []
    # The steps after each test: those of the later tests, and the return.
    for place, (argument, how, value) in reversed(list(enumerate(conditions))):
        past = 2 * (len(conditions) - 1 - place) + 1
        code = {"is": _EQUAL, "not": _EQUAL, "above": _GREATER, "has": _BITS}[how]
        yes, no = (past, 0) if how == "not" else (0, past)
        # The lower half: these arguments are ints, and the kernel reads no more of them.
        tests[:0] = [_step(_LOAD, 16 + 8 * argument), _step(code, value, yes, no)]
    steps = [*tests, _step(_RETURN, _ERRNO | error), _step(_LOAD, 0)]
    return [_step(_EQUAL, number, 0, len(steps)), *steps]


def program(machine: str) -> bytes | None:
    """The filter's instructions; None for a machine whose call numbers are not known here."""
    if machine not in ARCHITECTURES:
        return None
    architecture, column = ARCHITECTURES[machine]
    numbers = {name: found[column] for name, found in CALLS.items() if found[column] >= 0}
    steps = [
        _step(_LOAD, 4),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
    ]
    if machine == "x86_64":
        # The x32 calls have numbers of their own.
        steps += [_step(_GREATER, 0x3FFFFFFF, 0, 1), _step(_RETURN, _KILL)]
    # Calls of newer kernels were not reviewed.
    steps += [_step(_GREATER, NEWEST, 0, 1), _step(_RETURN, _ERRNO | _ENOSYS)]
    for names, error in ((NOT_PERMITTED, _EPERM), (NOT_IMPLEMENTED, _ENOSYS)):
        for name in names:
            if name in numbers:
                steps += [_step(_EQUAL, numbers[name], 0, 1), _step(_RETURN, _ERRNO | error)]
    for name, conditions, error in RULES:
        if name in numbers:
            steps += _rule(numbers[name], conditions, error)
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def install(libc: ctypes.CDLL) -> None:
    """Filter the calls of this process and its children; ``no_new_privs`` must be set.

    Raises OSError, also on a machine whose call numbers are not known here.
    """
    code = program(os.uname().machine)
    if code is None:
        raise OSError(f"no filter of system calls is known for {os.uname().machine}")
    held = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(held))
    pointer = ctypes.create_string_buffer(head, len(head))
    if libc.prctl(22, 2, pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
