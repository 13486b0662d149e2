"""What can go wrong with notifications."""

from tidings.kernel.errors import TidingsError


class UnknownType(TidingsError):
    """There is no such notification type."""

    code = "unknown_type"
    status = 422


class UnknownRecipient(TidingsError):
    """Some recipients are not known here; nothing was sent."""

    code = "unknown_recipient"
    status = 422


class UnknownActor(TidingsError):
    """The actor is not known here; nothing was sent."""

    code = "unknown_actor"
    status = 422


class TextMissing(TidingsError):
    """This type has no template for its text: give a title."""

    code = "text_missing"
    status = 422


class TextNotRendered(TidingsError):
    """The template of this type cannot be filled with the data given."""

    code = "text_not_rendered"
    status = 422


class SendAtTooFar(TidingsError):
    """A notification is sent at most a year ahead."""

    code = "send_at_too_far"
    status = 422


class ExpiresTooSoon(TidingsError):
    """A notification expires after the moment it is sent."""

    code = "expires_too_soon"
    status = 422


class NotificationNotFound(TidingsError):
    """No such notification in this inbox."""

    code = "notification_not_found"
    status = 404


class EventNotFound(TidingsError):
    """No such event."""

    code = "event_not_found"
    status = 404


class SnoozeInPast(TidingsError):
    """A notification can only be snoozed until a later time."""

    code = "snooze_in_past"
    status = 422


class RecipientDiffers(TidingsError):
    """Changing what is known of a recipient needs the scope users:write."""

    code = "recipient_differs"
    status = 403


class EmailTaken(TidingsError):
    """This e-mail address belongs to another recipient."""

    code = "recipient_email_taken"
    status = 422


class TooManyRecipients(TidingsError):
    """One call names at most 10,000 recipients."""

    code = "too_many_recipients"
    status = 422
