"""What makes mail impossible before any server is asked."""


class MailSettingsError(ValueError):
    """The mail settings cannot work; the message says what to change, and never a password."""


class CannotCompose(ValueError):
    """No lawful mail can be made of this; the message says why."""
