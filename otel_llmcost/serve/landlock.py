# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""Takes the rest of the file system away from this process, where the Linux kernel can (Landlock).

It holds for the calling thread and for every thread and process that is started from it later, so
it comes before the engine, which starts many. Landlock is a system call without a wrapper in libc:
https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_NO_NEW_PRIVS = 38

# LANDLOCK_ACCESS_FS_*, and how many of them each version of the interface has.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 5, 1 << 7, 1 << 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_NEWEST_BITS = 16
READ = _READ_FILE | _READ_DIR
NAMES = _READ_DIR
UNREADABLE = _READ_DIR | _MAKE_DIR | _MAKE_REG | _WRITE_FILE | _REMOVE_FILE | _TRUNCATE
"""Names, and files that may be written but not read."""
WRITE = ((1 << _NEWEST_BITS) - 1) & ~_EXECUTE & ~_IOCTL_DEV
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


class _RulesetAttr(ctypes.Structure):
    _fields_ = (("handled_access_fs", ctypes.c_uint64),)


class _PathBeneathAttr(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def restrict(allowed: Iterable[tuple[Path, int]], *, threads: int = 1) -> str:
    """Allow these directories and files with what is beneath them, and nothing else.

    Returns '' when that holds, else why it does not, as when more than `threads` are running,
    which it would not reach. Paths that do not exist are left out; open files stay open.
    """
    if why := missing():
        return why
    version = _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    if (running := len(os.listdir("/proc/self/task"))) > threads:
        return f"{running - threads} other threads were already running"
    handled = (1 << _BITS.get(version, _NEWEST_BITS)) - 1
    attr = _RulesetAttr(handled)
    try:
        ruleset = _call(_CREATE_RULESET, ctypes.byref(attr), ctypes.sizeof(attr), 0)
        try:
            for path, access in allowed:
                _allow(ruleset, path, access & handled)
            _no_new_privileges()
            _call(_RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)
    except OSError as error:
        return f"the kernel refuses it ({error.strerror})"
    return ""


def missing() -> str:
    """Why this machine has no Landlock; '' when it has."""
    if sys.platform != "linux":
        return "only Linux has it"
    try:
        _call(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError as error:
        return f"this kernel does not have it ({error.strerror})"
    return ""


def _allow(ruleset: int, path: Path, access: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            access &= _OF_FILES
        rule = _PathBeneathAttr(access, parent)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _no_new_privileges() -> None:
    """The kernel wants it first, or a program with more rights could be made to misbehave."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = int(libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
