"""A separate root, process tree and network for a program."""

from __future__ import annotations

import ctypes
import os
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would cost a third of the start
    from typing import Any

    Spec = dict[str, Any]

FOLDER = "/sandbox"
NEWNS, NEWUTS, NEWIPC = 0x20000, 0x4000000, 0x8000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    texts = [None if one is None else os.fsencode(one) for one in (source, target, kind)]
    check(libc.mount(*texts, ctypes.c_ulong(flags), options.encode()), f"mount {target}")


def read_only(target: str) -> None:
    """``target`` and everything mounted below it."""
    attributes = struct.pack("=QQQQ", RDONLY | NOSUID | NODEV, 0, 0, 0)
    done = libc.syscall(442, -100, os.fsencode(target), 0x8000, attributes, len(attributes))
    if done == 0:
        return
    # Kernels before 5.12: the mount itself, and each that is listed below it.
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        places = [line.split()[4].encode().decode("unicode_escape") for line in file]
    for place in sorted({one for one in places if one == target or one.startswith(target + "/")}):
        mount(None, place, None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)


def new_namespaces() -> bool:
    """Enter new namespaces. Returns whether that took a user namespace."""
    flags = NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    if os.geteuid() == 0 and libc.unshare(flags) == 0:
        return False
    uid, gid = os.geteuid(), os.getegid()
    check(libc.unshare(flags | NEWUSER), "a user namespace")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"65534 {uid} 1"),
        ("gid_map", f"65534 {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return True


def build(spec: Spec) -> None:
    """Make a new root at /tmp: what the program may read, and one folder that it may write to."""
    mount(None, "/", None, REC | PRIVATE)
    root = "/tmp"
    # Everything is opened before the new root hides what is in /tmp, perhaps the user's Python.
    links = {path: os.readlink(path) for path in spec["binds"] if os.path.islink(path)}
    held = {path: os.open(path, os.O_PATH) for path in spec["binds"] if path not in links}
    devices = {name: os.open(f"/dev/{name}", os.O_PATH) for name in ("null", "zero", "urandom")}
    mount("tmpfs", root, "tmpfs", NOSUID | NODEV, "size=1m,mode=755")
    os.mkdir(root + FOLDER)
    options = f"size={spec['limits']['disk']}m,nr_inodes=8192,mode=755"
    mount("tmpfs", root + FOLDER, "tmpfs", NOSUID | NODEV, options)
    os.mkdir(f"{root}{FOLDER}/tmp")
    os.symlink(f"{FOLDER[1:]}/tmp", root + "/tmp")
    for path in spec["binds"]:
        # The program's /tmp is in its folder, and so is what it may read of the machine's /tmp.
        target = root + (FOLDER + path if path.startswith("/tmp/") else path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if path in links:
            os.symlink(links[path], target)
            continue
        if os.path.isdir(f"/proc/self/fd/{held[path]}"):
            os.makedirs(target, exist_ok=True)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        mount(f"/proc/self/fd/{held[path]}", target, None, BIND | REC)
        read_only(target)
    os.mkdir(root + "/dev")
    for name, descriptor in devices.items():
        os.close(os.open(f"{root}/dev/{name}", os.O_CREAT | os.O_WRONLY, 0o666))
        mount(f"/proc/self/fd/{descriptor}", f"{root}/dev/{name}", None, BIND)
    os.symlink("/proc/self/fd/0", root + "/dev/stdin")  # where programs of contests read
    for name in ("proc", "old"):
        os.mkdir(f"{root}/{name}")
    try:
        # While the old /proc is still visible: otherwise the kernel refuses a new one to users.
        mount("proc", root + "/proc", "proc", RDONLY | NOSUID | NODEV | NOEXEC)
    except OSError:
        # In containers that hide parts of their /proc. The program gets none, and its supervisor
        # uses the outer one.
        spec["proc"] = (os.open("/proc", os.O_RDONLY), int(os.readlink("/proc/self")))
    os.chdir(root)
    check(libc.syscall(155 if os.uname().machine == "x86_64" else 41, b".", b"old"), "pivot_root")
    os.chdir("/")
    check(libc.umount2(b"/old", 2), "umount")
    os.rmdir("/old")
    mount(None, "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV)
    for descriptor in (*held.values(), *devices.values()):
        os.close(descriptor)
