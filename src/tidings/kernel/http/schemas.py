"""What every body that crosses the wire has in common."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field


class Body(BaseModel):
    """A request body: a field it does not name is refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=1 << 20)


class Answer(BaseModel):
    """A response body, for the documentation; the answer itself is encoded from plain values."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ListAnswer(Answer):
    """A list, under its plural noun, or a part of it."""

    next_cursor: str | None = Field(description="Where the next part begins; null at the end.")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # the first and the last hours of the calendar, in zones that lie beyond it
        raise ValueError("the time lies outside the years 1 to 9999 in UTC") from error


UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time with a zone, turned to UTC."""
