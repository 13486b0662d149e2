"""What every body that crosses the wire has in common."""

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Body(BaseModel):
    """A request body: a field it does not name is refused."""

    model_config = ConfigDict(extra="forbid", str_max_length=1 << 20)


class Answer(BaseModel):
    """A response body, for the documentation; the answer itself is encoded from plain values."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


UtcTime = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
"""A time with a zone, turned to UTC."""
