# Copyright The otel-llmcost authors
# SPDX-License-Identifier: Apache-2.0
"""What the daemon may still reach once it has restricted itself, and the threads that stay outside.

The store's own secrets (`daemon.json`, `passwords.json`) lie beside the engine's directories, and
of what lies there it can read nothing.
"""

from __future__ import annotations

import os
import shutil
import site
import ssl
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import otel_llmcost
from otel_llmcost.serve import landlock

_ENGINE = ("data", "metadata", "metadata_dropped", "store", "tmp", "user_defined")
_LOCK = "status"
_SYSTEM = """
    /lib /lib64 /usr/lib /usr/lib64 /usr/local/lib /usr/share/zoneinfo /etc/ld.so.cache
    /etc/localtime /etc/timezone /etc/hosts /etc/host.conf /etc/resolv.conf /etc/nsswitch.conf
    /etc/gai.conf /etc/services /etc/protocols /run/systemd/resolve
    /etc/ssl/certs /etc/ssl/cert.pem /etc/ssl/ca-bundle.pem /etc/ssl/openssl.cnf
    /etc/pki/ca-trust/extracted /etc/pki/tls/certs /etc/pki/tls/cert.pem /etc/pki/tls/openssl.cnf
    /usr/share/ca-certificates /usr/local/share/ca-certificates /dev/random /dev/urandom
    /proc/meminfo /proc/cpuinfo /proc/stat /proc/loadavg /proc/uptime /proc/mounts
    /proc/sys/vm /proc/sys/kernel /sys/devices/system /sys/fs/cgroup
    /sys/kernel/mm/transparent_hugepage
"""
_OF_THIS_PROCESS = ("auxv", "statm", "stat", "status", "io", "maps", "cgroup", "mountinfo")


class Outside(NamedTuple):
    """Threads that were started before, and so are not restricted: for what the daemon itself has
    to do elsewhere. Nothing of the engine ever runs in them."""

    state_files: ThreadPoolExecutor
    """Writes and removes the file that says where the daemon listens."""
    commands: ThreadPoolExecutor
    """Runs the commands of `serve --exec`."""
    temporary: Path
    """The private directory for temporary files, removed at the end."""

    def stop(self) -> None:
        """Wait for what they do, and end them."""
        self.state_files.submit(shutil.rmtree, self.temporary, ignore_errors=True)
        self.state_files.shutdown()
        self.commands.shutdown()


def confine(store: Path) -> tuple[Outside | None, str]:
    """Restrict this thread, and all it will start, to the store and what Python needs to run.

    Returns the threads that stay outside, and "on", or None and "off" with the reason. Call it
    before the engine is loaded.
    """
    try:
        for name in _ENGINE:
            (store / name).mkdir(mode=0o700, exist_ok=True)
        (store / _LOCK).touch(mode=0o600)
        temporary = Path(tempfile.mkdtemp(prefix="otel-llmcost-"))
    except OSError as error:
        return None, f"off: cannot prepare its directories ({error.strerror})"
    outside = Outside(_started("llmcost-state"), _started("llmcost-commands"), temporary)
    why = landlock.restrict(_allowed(store, temporary), threads=3)
    if why:
        outside.stop()
        return None, f"off: {why}"
    # For the engine, which makes a directory of its own there, and for Python.
    os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
    return outside, "on"


def _started(name: str) -> ThreadPoolExecutor:
    threads = ThreadPoolExecutor(1, name)
    threads.submit(int).result()
    return threads


def _allowed(store: Path, temporary: Path) -> list[tuple[Path, int]]:
    readable = [*_python(), *_given(os.environ), *map(Path, _SYSTEM.split())]
    readable += [Path("/proc/self", name) for name in _OF_THIS_PROCESS]
    writable = [*(store / name for name in (*_ENGINE, _LOCK)), temporary, Path("/dev/null")]
    return [
        *((path, landlock.READ) for path in readable),
        *((path, landlock.WRITE) for path in writable),
        # To count threads. Beneath it is the environment too, which may hold passwords.
        (Path("/proc/self/task"), landlock.NAMES),
        # The engine writes a file here to learn about the disk.
        (store, landlock.UNREADABLE),
    ]


def _python() -> list[Path]:
    """Interpreter, libraries and certificates. The working directory is none of these."""
    paths = {*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()}
    certificates = ssl.get_default_verify_paths()
    paths |= {sys.prefix, sys.base_prefix, str(Path(otel_llmcost.__file__).parent)}
    paths |= {path for path in (certificates.cafile, certificates.capath) if path}
    return [Path(path) for path in sorted(paths) if path != "/"]


def _given(environ: Mapping[str, str]) -> list[Path]:
    """Files that settings name: price overlays and certificates."""
    names = ("LLMCOST_PRICES", "SSL_CERT_FILE", "SSL_CERT_DIR")
    texts = [part for name in names for part in environ.get(name, "").split(os.pathsep)]
    return [Path(text).absolute() for text in texts if text]
