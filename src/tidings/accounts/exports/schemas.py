"""Exports as they cross the wire."""

from uuid import UUID

from pydantic import ConfigDict, Field

from tidings.accounts.exports.types import ExportState
from tidings.kernel.http.schemas import Answer, UtcTime


class ExportOut(Answer):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    state: ExportState
    progress: int = Field(description="In per cent.")
    size: int = Field(description="In bytes: of what is gathered by now, and of the archive once it is ready.")
    requested_at: UtcTime
    ready_at: UtcTime | None
    expires_at: UtcTime = Field(description="Until when it is kept.")
    download_url: str | None = Field(description="Where the archive is, once it is ready.")


class Imported(Answer):
    imported: dict[str, int] = Field(description="How many records of each section were taken in.")
    left_out: list[str] = Field(description="Sections that stay where they were made, or were too large.")
