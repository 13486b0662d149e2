"""What crosses the wire about identities."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from tidings.kernel.http.schemas import Answer, Body, ListAnswer, UtcTime


class IdentityOut(Answer):
    """One of the sign-ins at providers that lead to an account."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    provider: str = Field(description="The slug of the provider.")
    provider_name: str
    issuer: str
    subject: str
    email: str | None
    created_at: UtcTime
    last_used_at: UtcTime | None


class Identities(ListAnswer):
    identities: list[IdentityOut]


class LinkIn(Body):
    slug: Annotated[str, StringConstraints(min_length=1, max_length=50)]
    next: Annotated[str, StringConstraints(max_length=500)] | None = Field(
        default=None, description="The path of this site to come back to."
    )


class LinkOut(Answer):
    authorize_url: str
