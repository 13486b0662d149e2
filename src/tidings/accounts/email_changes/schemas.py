"""One's address as it crosses the wire."""

from pydantic import Field

from tidings.kernel.http.schemas import Answer, UtcTime


class EmailOut(Answer):
    email: str | None
    email_verified: bool
    pending_email: str | None = Field(description="Asked for, and not confirmed yet; whether it can be is not said.")
    pending_until: UtcTime | None = Field(description="Until when the link that was mailed to it works.")
