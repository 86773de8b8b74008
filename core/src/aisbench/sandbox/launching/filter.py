"""The seccomp filter: system calls that no program of a benchmark needs.

New namespaces would give a program capabilities over mounts and memory of its own; shared memory
outside its address space would escape the memory limit; vsock would reach the host of a virtual
machine. Standard library alone: the launcher runs this file inside the sandbox.
"""

from __future__ import annotations

import ctypes
import os
import struct

_ERRNO, _ALLOW, _KILL = 0x00050000, 0x7FFF0000, 0x80000000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_LOAD, _EQUAL, _GREATER, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NEW_NAMESPACES = 0x7E020000

# audit architecture, then numbers from the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl
# and include/uapi/asm-generic/unistd.h)
_TABLES = {
    "x86_64": (
        0xC000003E,
        {"clone": 56, "clone3": 435, "socket": 41},
        (272, 165, 166, 155, 308, 321, 250, 248, 249, 101, 298, 323, 246, 175, 313, 425, 442, 428,
         429, 430, 431, 432, 433, 161, 167, 169, 303, 304, 310, 311, 319, 29),
    ),
    "aarch64": (
        0xC00000B7,
        {"clone": 220, "clone3": 435, "socket": 198},
        (97, 40, 39, 41, 268, 280, 219, 217, 218, 117, 241, 282, 104, 105, 273, 425, 442, 428,
         429, 430, 431, 432, 433, 51, 224, 142, 264, 265, 270, 271, 279, 194),
    ),
}  # fmt: skip
"""unshare, mount, umount2, pivot_root, setns, bpf, keyctl, add_key, request_key, ptrace,
perf_event_open, userfaultfd, kexec_load, init_module, finit_module, io_uring_setup,
mount_setattr, open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, chroot, swapon, reboot,
name_to_handle_at, open_by_handle_at, process_vm_readv, process_vm_writev, memfd_create, shmget."""


def _step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def program(machine: str) -> bytes | None:
    """The filter's instructions; None for a machine whose numbers are not known here."""
    if machine not in _TABLES:
        return None
    architecture, special, denied = _TABLES[machine]
    steps = [
        _step(_LOAD, 4),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, 0),
    ]
    if machine == "x86_64":
        # The x32 calls have numbers of their own.
        steps += [_step(_GREATER, 0x40000000, 0, 1), _step(_RETURN, _KILL)]
    for number in denied:
        steps += [_step(_EQUAL, number, 0, 1), _step(_RETURN, _ERRNO | _EPERM)]
    # Its flags are behind a pointer, which a filter cannot follow; libraries fall back to clone.
    steps += [_step(_EQUAL, special["clone3"], 0, 1), _step(_RETURN, _ERRNO | _ENOSYS)]
    steps += [
        _step(_EQUAL, special["clone"], 0, 4),
        _step(_LOAD, 16),
        _step(_BITS, _NEW_NAMESPACES, 0, 1),
        _step(_RETURN, _ERRNO | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    steps += [_step(_EQUAL, special["socket"], 0, 5), _step(_LOAD, 16)]
    for place, family in enumerate((1, 2, 10)):
        steps.append(_step(_EQUAL, family, 3 - place, 0))
    steps += [_step(_RETURN, _ERRNO | _EAFNOSUPPORT), _step(_RETURN, _ALLOW)]
    # A socket of another family ends above; of these three it goes on to the last line.
    return b"".join([*steps, _step(_RETURN, _ALLOW)])


def install(libc: ctypes.CDLL) -> None:
    """Filter this process and all that it becomes; ``no_new_privs`` must be set.

    Raises OSError.
    """
    code = program(os.uname().machine)
    if code is None:
        return
    held = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("=HxxxxxxQ", len(code) // 8, ctypes.addressof(held))
    pointer = ctypes.create_string_buffer(head, len(head))
    if libc.prctl(22, 2, pointer, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
