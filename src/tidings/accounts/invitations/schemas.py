"""What crosses the wire when somebody is invited."""

from pydantic import Field

from tidings.accounts.schemas import Email, Name, NewPassword, Token, Username
from tidings.accounts.types import AccessType
from tidings.kernel.http.schemas import Body


class InviteIn(Body):
    email: Email
    access_type: AccessType = AccessType.REGULAR
    name: Name | None = None


class InvitationIn(Body):
    token: Token = Field(repr=False)
    username: Username
    name: Name
    password: NewPassword = Field(repr=False)
