"""What every route that changes a second factor needs: whose it is, and who they say they are."""

from typing import Annotated

from fastapi import Depends

from tidings.accounts.api.app import BaseUrl, By, Keyring, PersonId
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.errors import CrossSite, Forbidden, NotAuthenticated
from tidings.accounts.mfa.changing import Change
from tidings.kernel.http.routing import Now
from tidings.templates.letters import House

REFUSALS = (NotAuthenticated, Forbidden, CrossSite)


async def _change(caller: CurrentCaller, person_id: PersonId, by: By, keyring: Keyring, now: Now) -> Change:
    return Change(user_id=person_id, session_id=caller.credential_id, by=by, keyring=keyring, now=now)


async def _house_name(base_url: BaseUrl) -> str:
    return House(url=base_url).name


OwnChange = Annotated[Change, Depends(_change)]
# What authenticator apps and passkeys call us, as letters do.
HouseName = Annotated[str, Depends(_house_name)]
