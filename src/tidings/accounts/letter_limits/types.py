"""Why a letter is written, which says how often it may be."""

from enum import StrEnum


class Cause(StrEnum):
    """Who or what makes us write to an address."""

    STRANGER = "stranger"
    """Anybody can, by naming the address."""
    ACCOUNT = "account"
    """Something was done in the account that has the address, or had it until now."""
    ADMIN = "admin"
    """An administrator asks for it, and is to know whether it was written."""
