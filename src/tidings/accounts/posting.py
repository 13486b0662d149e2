"""Putting a letter into the outbox, so that it leaves as soon as what it is about is committed."""

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.events import LetterPosted
from tidings.kernel.events import publish
from tidings.outbox.writing import NewDelivery, enqueue


async def post_letter(session: AsyncSession, letter: NewDelivery) -> None:
    """Send this letter (`mailing.new_letter`) if and when the transaction commits; its key makes it the only one."""
    connection = await session.connection()
    if await connection.run_sync(enqueue, [letter]):
        await publish(session, LetterPosted())
