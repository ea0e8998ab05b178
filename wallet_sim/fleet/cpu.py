"""Processor time: of the fleet's own process, and of a provider on the same machine (Linux)."""

import os
import time
from pathlib import Path

_PROC = Path("/proc")


def own_seconds() -> float:
    """Processor time of this process so far."""
    return time.process_time()


def tree_seconds(pid: int) -> float | None:
    """Processor time so far of a process and of all below it; None where it cannot be told."""
    processes = _stats()
    if pid not in processes:
        return None
    family, grown = {pid}, True
    while grown:
        children = {child for child, (parent, _) in processes.items() if parent in family}
        grown = not children <= family
        family |= children
    return sum(processes[member][1] for member in family) / os.sysconf("SC_CLK_TCK")


def _stats() -> dict[int, tuple[int, int]]:
    """Parent and clock ticks of every process (proc(5), `/proc/pid/stat`)."""
    found: dict[int, tuple[int, int]] = {}
    for folder in _PROC.glob("[0-9]*"):
        try:
            text = (folder / "stat").read_text()
        except OSError:  # it ended meanwhile
            continue
        # The name of the program, in brackets, may hold anything.
        fields = text.rpartition(")")[2].split()
        found[int(folder.name)] = (int(fields[1]), int(fields[11]) + int(fields[12]))
    return found
