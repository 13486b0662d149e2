"""Where a person can be reached, as far as the planner needs to know it."""

from tidings.accounts.models import User
from tidings.notifications.types import Channel, Reason

Lacks = tuple[tuple[Channel, Reason], ...]
"""Channels without an address that can be used, and why."""

ADDRESS_COLUMNS = (User.email, User.email_verified, User.undeliverable_email)


def lacks_of(email: str | None, is_verified: bool, undeliverable: str | None) -> Lacks:
    """What somebody with these `ADDRESS_COLUMNS` lacks."""
    if email is None:
        return ((Channel.EMAIL, Reason.NO_ADDRESS),)
    if email == undeliverable:
        return ((Channel.EMAIL, Reason.ADDRESS_GONE),)
    return () if is_verified else ((Channel.EMAIL, Reason.ADDRESS_UNVERIFIED),)
