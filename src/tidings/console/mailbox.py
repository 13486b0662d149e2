"""The development mailbox: what would have been sent, had there been a mail server. Files are read in a thread."""

import asyncio
from uuid import UUID

from tidings.channels.email.mailbox import KEEP, MailFolder, OpenedMail
from tidings.console.errors import MailNotFound
from tidings.console.schemas import HeaderOut, KeptMailOut, MailList, MailOut


async def list_mails(folder: MailFolder, *, limit: int) -> MailList:
    """The newest mails that are kept, newest first."""
    kept = await asyncio.to_thread(folder.newest, limit=limit)
    return MailList(mails=[KeptMailOut.model_validate(mail) for mail in kept], kept_at_most=KEEP)


async def open_mail(folder: MailFolder, delivery_id: UUID) -> OpenedMail:
    """One kept mail. Raises MailNotFound."""
    mail = await asyncio.to_thread(folder.read, delivery_id)
    if mail is None:
        raise MailNotFound()
    return mail


def shown(delivery_id: UUID, mail: OpenedMail) -> MailOut:
    """A mail as a page shows it."""
    headers = [HeaderOut(name=name, value=value) for name, value in mail.headers]
    return MailOut(delivery_id=delivery_id, headers=headers, text=mail.text, html=mail.html)
