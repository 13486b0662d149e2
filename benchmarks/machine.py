"""What the machine is, so that a figure can be judged: a number without it says nothing."""

import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from benchmarks.bench import Bench, answered
from benchmarks.programs import serving
from tests.services import postgres

_ROOT = Path(__file__).parents[1]


async def facts(bench: Bench) -> dict[str, Any]:  # Any: JSON
    """Cores, versions, the time a sync to disk takes, the commit, and how fast the load generator could go."""
    bench.say("looking at the machine")
    async with serving(bench.folder, "benchmarks.references.trivial", "{port}", ready="/") as server:
        ceiling = await answered(bench.load(server.port, "/"))
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        **await _postgres(bench),
        "sync_us": round(_sync_us(bench.folder)),
        "load_average": round(os.getloadavg()[0], 2),
        "commit": _commit(),
        "generator_per_second": round(ceiling.per_second),
        "rows": bench.sizes.rows,
        "rounds": bench.sizes.rounds,
        "seconds": bench.sizes.seconds,
    }


async def _postgres(bench: Bench) -> dict[str, str]:
    url = make_url(await postgres.server_url(bench.run)).set(drivername="postgresql")
    connection = await asyncpg.connect(url.render_as_string(hide_password=False))
    try:
        settings = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        values = {name: await connection.fetchval("SELECT current_setting($1)", name) for name in settings}
    finally:
        await connection.close()
    version, *rest = values.values()
    return {"postgresql": version.split()[0], **dict(zip(settings[1:], rest, strict=True))}


def _sync_us(folder: Path) -> float:
    """The median time of writing a page and syncing it, in microseconds."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(200):
            began = time.perf_counter()
            os.write(file.fileno(), b"\0" * 8192)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
    return median(took) * 1e6


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _commit() -> str:
    """The commit that is measured, marked when files differ from it; nothing where there is no git."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    try:
        return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
