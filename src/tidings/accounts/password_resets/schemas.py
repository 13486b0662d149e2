"""What crosses the wire when a password is reset."""

from pydantic import Field

from tidings.accounts.schemas import NewPassword, Token
from tidings.kernel.http.schemas import Answer, Body


class PasswordResetIn(Body):
    token: Token = Field(repr=False)
    new_password: NewPassword = Field(repr=False)


class PasswordResetDone(Answer):
    success: bool = True
