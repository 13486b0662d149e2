"""What an operator may be refused."""

from tidings.kernel.errors import TidingsError


class MailboxNotUsed(TidingsError):
    """Mail goes to a mail server, so none is kept here."""

    code = "mailbox_not_used"
    status = 404


class MailNotFound(TidingsError):
    """This mail is not kept here, or no longer."""

    code = "mail_not_found"
    status = 404
