"""What a link in a letter can be for."""

from enum import StrEnum


class MailPurpose(StrEnum):
    """What the holder of a mail token may do with it, and nothing else."""

    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"
    CONFIRM_EMAIL = "confirm_email"
    UNDO_EMAIL = "undo_email"
    INVITATION = "invitation"
