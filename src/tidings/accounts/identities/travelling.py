"""The way to a provider and back, from the browser's point of view: leave, come back, and arrive somewhere.

No transaction is open while a provider is asked.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.audit.summing import record_or_count
from tidings.accounts.audit.types import Actor, ActorKind, AuditAction
from tidings.accounts.identities.errors import AccountClosed, SignInExpired, SsoDisabled
from tidings.accounts.identities.flows import begin_flow, new_flow, take_flow
from tidings.accounts.identities.linking import link_identity
from tidings.accounts.identities.signing_in import admit_identity, check_may_enter
from tidings.accounts.identities.types import Flow, FlowPurpose
from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.identity_providers.errors import IdentityUnproven, ProviderRefused
from tidings.accounts.identity_providers.exchanging import authorize_url, prove_identity
from tidings.accounts.identity_providers.models import IdentityProvider
from tidings.accounts.identity_providers.queries import access_to, get_enabled_provider
from tidings.accounts.identity_providers.types import ProvenIdentity
from tidings.accounts.models import User
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.sessions import Device, end_cookie_session, prove_cookie
from tidings.accounts.sign_in import HalfSignedIn, pass_first_factor
from tidings.accounts.starting_sessions import Started
from tidings.accounts.types import SessionKind
from tidings.kernel.crypto import Keyring
from tidings.kernel.db import Database
from tidings.kernel.errors import TidingsError

CALLBACK = "/api/v1/auth/oidc/{slug}/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What every step needs: this server, and the browser that travels."""

    database: Database
    directory: ProviderDirectory
    keyring: Keyring
    base_url: str
    device: Device
    now: datetime

    def redirect_uri(self, slug: str) -> str:
        """Where a provider sends people back to; registered there letter by letter, and never taken from `Host`."""
        return self.base_url + CALLBACK.format(slug=slug)

    @property
    def traveller(self) -> Actor:
        return Actor(kind=ActorKind.NOBODY, ip=self.device.ip)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """The query that a provider sent the browser back with."""

    state: str | None
    code: str | None = field(default=None, repr=False)
    error: str | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where the browser goes now, and what it gets: a session, a second step to take, or the reason for neither."""

    path: str
    passed: Started | HalfSignedIn | None = None
    refusal: TidingsError | None = None
    purpose: FlowPurpose = FlowPurpose.SIGN_IN


async def leave(
    journey: Journey,
    slug: str,
    *,
    browser: str,
    return_path: str,
    purpose: FlowPurpose = FlowPurpose.SIGN_IN,
    user_id: UUID | None = None,
) -> str:
    """The address of the provider's own page, with a state that only this browser can come back with.

    Raises SsoDisabled, IdentityProviderNotFound, ProviderUnusable.
    """
    async with journey.database.read() as session:
        provider = await open_provider(session, slug)
        access = access_to(provider, journey.keyring)
    metadata = await journey.directory.metadata(access.issuer, now=journey.now)
    flow = new_flow(provider.id, purpose=purpose, user_id=user_id, return_path=return_path)
    async with journey.database.write() as session:
        state = await begin_flow(session, flow, browser=browser, keyring=journey.keyring, now=journey.now)
    uri = journey.redirect_uri(slug)
    return authorize_url(metadata, access, redirect_uri=uri, state=state, nonce=flow.nonce, verifier=flow.verifier)


async def come_back(
    journey: Journey, slug: str, answer: ProviderAnswer, *, browser: str | None, cookie: str | None
) -> Arrival:
    """Finish the trip this state belongs to: signed in, half signed in, linked, or refused with a reason.

    Raises SignInExpired when there is no such trip of this browser; nothing else is looked at then.
    """
    flow, provider = await _own_trip(journey, slug, answer.state, browser)
    try:
        proven = await _proven(journey, slug, provider, flow, answer)
        if flow.purpose is FlowPurpose.LINK:
            await _link(journey, slug, flow, proven, cookie)
            return Arrival(path=flow.return_path, purpose=flow.purpose)
        passed = await _sign_in(journey, slug, proven, cookie)
        return Arrival(path=flow.return_path, passed=passed)
    except TidingsError as refusal:
        await _remember(journey, provider, flow, refusal)
        return Arrival(path=flow.return_path, refusal=refusal, purpose=flow.purpose)


async def open_provider(session: AsyncSession, slug: str, *, hold: bool = False) -> IdentityProvider:
    """The provider, while people may sign in with it, or as long as one may `hold` it (`get_enabled_provider`).

    Raises SsoDisabled, IdentityProviderNotFound.
    """
    if not (await read_server_settings(session)).sso_enabled:
        raise SsoDisabled()
    return await get_enabled_provider(session, slug, hold=hold)


async def _own_trip(
    journey: Journey, slug: str, state: str | None, browser: str | None
) -> tuple[Flow, IdentityProvider]:
    async with journey.database.write() as session:
        flow = await take_flow(session, state or "", browser=browser, keyring=journey.keyring, now=journey.now)
    async with journey.database.read() as session:
        provider = await open_provider(session, slug)
    if flow is None or flow.provider_id != provider.id:  # a state given for another provider is a mix-up
        raise SignInExpired()
    return flow, provider


async def _proven(
    journey: Journey, slug: str, provider: IdentityProvider, flow: Flow, answer: ProviderAnswer
) -> ProvenIdentity:
    if answer.error is not None or not answer.code:
        raise ProviderRefused()
    access = access_to(provider, journey.keyring)
    metadata = await journey.directory.metadata(access.issuer, now=journey.now)
    if answer.issuer != access.issuer and (answer.issuer is not None or metadata.answers_with_issuer):
        raise IdentityUnproven()  # RFC 9207 §2.4: the answer of another provider
    return await prove_identity(
        journey.directory,
        access,
        answer.code,
        redirect_uri=journey.redirect_uri(slug),
        nonce=flow.nonce,
        verifier=flow.verifier,
        now=journey.now,
    )


async def _sign_in(journey: Journey, slug: str, proven: ProvenIdentity, cookie: str | None) -> Started | HalfSignedIn:
    # The transaction stands also when a newcomer has to wait: their account is made all the same.
    async with journey.database.write() as session:
        provider = await open_provider(session, slug, hold=True)
        user = await admit_identity(session, proven, provider, by=journey.traveller, now=journey.now)
        passed = await _pass(journey, session, user, cookie) if user.is_active else None
    check_may_enter(user)
    if passed is None:
        raise AccountClosed()
    return passed


async def _pass(journey: Journey, session: AsyncSession, user: User, cookie: str | None) -> Started | HalfSignedIn:
    passed = await pass_first_factor(
        session,
        user,
        kind=SessionKind.BROWSER,
        device=journey.device,
        keyring=journey.keyring,
        now=journey.now,
    )
    if cookie is not None and isinstance(passed, Started):
        await end_cookie_session(session, cookie, reason="replaced")
    return passed


async def _link(journey: Journey, slug: str, flow: Flow, proven: ProvenIdentity, cookie: str | None) -> None:
    async with journey.database.write() as session:
        provider = await open_provider(session, slug, hold=True)
        proof = None if cookie is None else await prove_cookie(session, cookie, now=journey.now)
        # Whoever asked must still be the one who is signed in here: a trip may outlive a session.
        if proof is None or flow.user_id is None or proof.caller.user_id != flow.user_id:
            raise SignInExpired()
        by = Actor(kind=ActorKind.USER, id=flow.user_id, ip=journey.device.ip)
        await link_identity(session, flow.user_id, proven, provider, by=by, now=journey.now)


async def _remember(journey: Journey, provider: IdentityProvider, flow: Flow, refusal: TidingsError) -> None:
    is_link = flow.purpose is FlowPurpose.LINK
    async with journey.database.write() as session:
        await record_or_count(
            session,
            AuditAction.IDENTITY_LINK_FAILED if is_link else AuditAction.SIGN_IN_FAILED,
            by=journey.traveller,
            now=journey.now,
            target_id=flow.user_id if is_link else provider.id,
            detail={"provider": provider.slug, "code": refusal.code},
        )
