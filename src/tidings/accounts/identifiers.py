"""Names that must be unique are compared, stored and looked up in one canonical form."""

import re

from email_validator import EmailNotValidError, validate_email

MAX_LENGTH = 250
USERNAME = r"^[a-zA-Z0-9.]+$"
"""What a username looks like, as a regular expression of JSON Schema too."""


class NotCanonical(ValueError):
    """This cannot be a username or an e-mail address."""


def canonical_username(text: str) -> str:
    """The username in lower case. Raises NotCanonical unless it is 1–250 ASCII letters, digits and dots."""
    if not re.fullmatch(USERNAME, text) or len(text) > MAX_LENGTH:
        raise NotCanonical("a username has 1 to 250 letters a-z, digits and dots")
    return text.lower()


def canonical_email(text: str) -> str:
    """The address normalised (Unicode NFC, IDNA) and in lower case. Raises NotCanonical when it is none.

    Whether it can be delivered is not asked: an intranet's addresses are addresses.
    """
    try:
        checked = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise NotCanonical("this is not an e-mail address") from error
    address = checked.normalized.lower()
    if len(address) > MAX_LENGTH:
        raise NotCanonical("an e-mail address has at most 250 characters")
    return address
