"""Signing secrets: what hosts sign recipient tokens with; for administrators in person."""

from uuid import UUID

from tidings.accounts.api.app import By, Keyring
from tidings.accounts.errors import CrossSite, Forbidden, InsufficientScope, NotAuthenticated, SigningSecretNotFound
from tidings.accounts.models import SigningSecret
from tidings.accounts.policies import admin, admin_in_person, admin_in_person_recent
from tidings.accounts.schemas import SigningSecretIn, SigningSecretMade, SigningSecretOut, SigningSecrets
from tidings.accounts.signing_secrets import (
    create_signing_secret,
    delete_signing_secret,
    list_signing_secrets,
    rename_signing_secret,
)
from tidings.kernel.errors import InvalidCursor
from tidings.kernel.http.problems import problems
from tidings.kernel.http.routing import Now, Router, Session
from tidings.kernel.pages import AskedPart

router = Router(prefix="/signing-secrets", tags=["Signing secrets"])


@router.get(
    "",
    admin,
    response_model=SigningSecrets,
    responses=problems(NotAuthenticated, Forbidden, InsufficientScope, InvalidCursor),
)
async def read_signing_secrets(session: Session, part: AskedPart) -> SigningSecrets:
    """The names of the secrets; never the secrets."""
    secrets, following = part.of(await list_signing_secrets(session))
    shown = [SigningSecretOut.model_validate(secret) for secret in secrets]
    return SigningSecrets(signing_secrets=shown, next_cursor=following)


@router.post(
    "",
    admin_in_person_recent,
    idempotent=False,
    status_code=201,
    response_model=SigningSecretMade,
    responses=problems(NotAuthenticated, Forbidden, CrossSite),
)
async def add_signing_secret(
    body: SigningSecretIn, by: By, session: Session, keyring: Keyring, now: Now
) -> SigningSecretMade:
    """Make a secret; it is shown this once."""
    row, secret = await create_signing_secret(session, name=body.name, keyring=keyring, by=by, now=now)
    return SigningSecretMade.of(row, secret)


@router.patch(
    "/{secret_id}",
    admin_in_person,
    response_model=SigningSecretOut,
    responses=problems(NotAuthenticated, Forbidden, SigningSecretNotFound, CrossSite),
)
async def change_signing_secret(
    secret_id: UUID, body: SigningSecretIn, by: By, session: Session, now: Now
) -> SigningSecret:
    """Call a secret something else; what is signed with it goes on holding."""
    return await rename_signing_secret(session, secret_id, name=body.name, by=by, now=now)


@router.delete(
    "/{secret_id}",
    admin_in_person,
    status_code=204,
    responses=problems(NotAuthenticated, Forbidden, SigningSecretNotFound, CrossSite),
)
async def remove_signing_secret(secret_id: UUID, by: By, session: Session, now: Now) -> None:
    """Remove a secret: no token signed with it holds any more."""
    await delete_signing_secret(session, secret_id, by=by, now=now)
