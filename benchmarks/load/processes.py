"""What a process has used so far, as the kernel counts it."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def memory_kib(pid: int) -> int:
    """What it holds in memory that nobody else shares, and its part of what is shared."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def resident_kib(pid: int) -> int:
    """What it holds in memory now, shared or not."""
    return _status_kib(pid, "VmRSS")


def forget_peak(pid: int) -> None:
    """Have its peak begin anew with what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_kib(pid: int) -> int:
    """The most it ever held at once."""
    return _status_kib(pid, "VmHWM")


def cpu_s(pid: int) -> float:
    """Seconds of processor time."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _status_kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
