"""Signing secrets: what hosts sign recipient tokens with; for administrators in person."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from tidings.accounts.api.app import By, Keyring
from tidings.accounts.callers import CurrentCaller
from tidings.accounts.confirming import check_recent
from tidings.accounts.errors import ConfirmationRequired, CrossSite, Forbidden, NotAuthenticated, SigningSecretNotFound
from tidings.accounts.models import SigningSecret
from tidings.accounts.policies import admin_in_person
from tidings.accounts.schemas import SigningSecretIn, SigningSecretMade, SigningSecrets
from tidings.accounts.signing_secrets import (
    create_signing_secret,
    delete_signing_secret,
    list_signing_secrets,
)
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session

router = Router(prefix="/signing-secrets", tags=["Signing secrets"])


@router.get("", admin_in_person, response_model=SigningSecrets, responses=problems(NotAuthenticated, Forbidden))
async def read_signing_secrets(session: Session) -> Mapping[str, Sequence[SigningSecret]]:
    """The names of the secrets; never the secrets."""
    return {"signing_secrets": await list_signing_secrets(session)}


@router.post(
    "",
    admin_in_person,
    idempotent=False,
    status_code=201,
    response_model=SigningSecretMade,
    responses=problems(NotAuthenticated, Forbidden, ConfirmationRequired, CrossSite),
)
async def add_signing_secret(
    body: SigningSecretIn, caller: CurrentCaller, by: By, session: Session, keyring: Keyring, now: Now
) -> SigningSecretMade:
    """Make a secret; it is shown this once."""
    await check_recent(session, caller, now=now)
    row, secret = await create_signing_secret(session, name=body.name, keyring=keyring, by=by, now=now)
    return SigningSecretMade.of(row, secret)


@router.delete(
    "/{secret_id}",
    admin_in_person,
    status_code=204,
    responses=problems(NotAuthenticated, Forbidden, SigningSecretNotFound, CrossSite),
)
async def remove_signing_secret(secret_id: UUID, by: By, session: Session, now: Now) -> None:
    """Remove a secret: no token signed with it holds any more."""
    await delete_signing_secret(session, secret_id, by=by, now=now)
