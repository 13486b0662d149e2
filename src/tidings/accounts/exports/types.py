"""The words of exports."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

CHANNEL = "export"
FORMAT = "tidings-export"
VERSION = 1
KEPT = timedelta(days=7)
STALE = timedelta(hours=1)
"""After this long an export that is not finished may be asked for anew."""
MAX_BYTES = 64 * (1 << 20)
"""Of the records of one export, before they are packed."""


class ExportState(StrEnum):
    """How far an export has come."""

    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """Which step of which export is to be made."""

    user_id: UUID
    export_id: UUID
    position: int
