"""The words of the server settings."""

from enum import StrEnum


class PasswordType(StrEnum):
    """Which passwords are taken: NIST SP 800-63B-4, four kinds of characters, or a length alone."""

    NIST = "nist"
    STRICT = "strict"
    LENGTH_ONLY = "length_only"
