"""What crosses the wire when somebody signs up."""

from pydantic import Field

from tidings.accounts.schemas import Email, Name, NewPassword, Profile, Token, Username
from tidings.accounts.types import AccountState
from tidings.kernel.http.schemas import Answer, Body


class SignUpIn(Profile):
    name: Name
    username: Username
    email: Email
    password: NewPassword = Field(repr=False)


class EmailIn(Body):
    email: Email


class MailTokenIn(Body):
    token: Token = Field(repr=False)


class Accepted(Answer):
    """What is answered whether or not anybody here has the address."""

    status: str = "accepted"


class StateOut(Answer):
    state: AccountState
