"""Tickets into the stream. They are credentials, so they live here; their path is the stream's."""

from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated
from tidings.accounts.policies import signed_in_or_recipient
from tidings.accounts.schemas import TicketOut
from tidings.accounts.tickets import LIFE, create_ticket
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(tags=["Streams"])


@router.post(
    "/notifications/ws/ticket",
    signed_in_or_recipient,
    idempotent=False,
    response_model=TicketOut,
    responses=problems(NotAuthenticated, Forbidden, CrossSite),
)
async def make_ticket(caller: CurrentCaller, session: Session, now: Now) -> TicketOut:
    """A pass that opens one stream within 30 seconds."""
    return TicketOut(ticket=await create_ticket(session, caller, now=now), expires_in=int(LIFE.total_seconds()))
