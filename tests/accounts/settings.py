"""What an administrator decided before a test begins."""

from typing import Any

from tests.accounts.world import World
from tidings.accounts.audit.types import SERVER
from tidings.accounts.governing import govern

_UNSAID = {"sso_enabled": False, "sso_auto_redirect": False}


async def decide(world: World, **settings: Any) -> None:
    """These server settings hold from now on; the others stay what they are."""
    async with world.database.write() as session:
        await govern(session, {**_UNSAID, **settings}, keyring=world.keyring, by=SERVER, now=world.clock.now())


async def open_sign_up(world: World, *, approval: bool = False, verification: bool = True) -> None:
    """Strangers may sign up, and wait for this much."""
    await decide(
        world,
        signup_enabled=True,
        signup_require_admin_approval=approval,
        signup_require_email_verification=verification,
    )
