"""A PostgreSQL server of the test run's own, on a socket in a temporary folder."""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Not `ECPS_…`: an application that is loaded to be served forgets those variables.
ADDRESS = "TEST_POSTGRESQL"
_ROOM = 2 * 1024**3


@dataclass
class Server:
    folder: str
    binaries: Path
    as_user: tuple[str, ...]

    def stop(self) -> None:
        command = [*self.as_user, str(self.binaries / "pg_ctl"), "-D", f"{self.folder}/data"]
        subprocess.run([*command, "-m", "immediate", "stop"], check=True, capture_output=True)
        shutil.rmtree(self.folder)


def find_binaries() -> Path | None:
    """The newest installed server; the version asked for is any that is maintained."""
    candidates = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if candidates:
        return candidates[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _quickest() -> str:
    """Memory, where there is room: a database is made for each test, and a disk is slow at that."""
    memory = Path("/dev/shm")
    has_room = memory.is_dir() and shutil.disk_usage(memory).free >= _ROOM
    return str(memory) if has_room and os.access(memory, os.W_OK) else "/tmp"


def start() -> Server | None:
    """Start a server and publish its address to this process and its children."""
    binaries = find_binaries()
    if binaries is None:
        return None
    # The path of a socket must stay under 108 bytes: not below pytest's own folders.
    folder = tempfile.mkdtemp(prefix="ecps-pg-", dir=_quickest())
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
        as_user = ("runuser", "-u", "postgres", "--")
    data = f"{folder}/data"
    initdb = [str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"]
    subprocess.run([*as_user, *initdb], check=True, capture_output=True, cwd="/tmp")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=400"
    pg_ctl = [str(binaries / "pg_ctl"), "-D", data, "-l", f"{folder}/log", "-w", "-o", options]
    subprocess.run([*as_user, *pg_ctl, "start"], check=True, capture_output=True, cwd="/tmp")
    os.environ[ADDRESS] = folder
    return Server(folder, binaries, as_user)
