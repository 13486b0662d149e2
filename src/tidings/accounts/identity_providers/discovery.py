"""What providers say of themselves, asked for when it is needed and kept for an hour."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import Key

from tidings.accounts.identity_providers.errors import ProviderUnusable
from tidings.accounts.identity_providers.id_tokens import read_keys
from tidings.accounts.identity_providers.types import ProviderMetadata
from tidings.kernel.outbound.client import OutboundClient
from tidings.kernel.outbound.errors import OutboundFailed, OutboundRefused
from tidings.kernel.outbound.types import OutboundLimits, OutboundResponse
from tidings.kernel.outbound.urls import parse_target

WELL_KNOWN = "/.well-known/openid-configuration"
KEPT = timedelta(hours=1)
MAX_KEPT = 64
LIMITS = OutboundLimits(total_s=10, connect_s=5, read_s=5, max_bytes=256 * 1024)


@dataclass(slots=True)
class _Known:
    metadata: ProviderMetadata
    keys: Sequence[Key]
    until: datetime


class ProviderDirectory:
    """The providers this process has met. Asking one goes through the guarded client, and nothing else does."""

    def __init__(self, outbound: OutboundClient) -> None:
        self._outbound = outbound
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def metadata(self, issuer: str, *, now: datetime) -> ProviderMetadata:
        """What the issuer's discovery document says. Raises ProviderUnusable."""
        return (await self._look_up(issuer, now)).metadata

    async def keys(self, issuer: str, *, now: datetime, anew: bool = False) -> Sequence[Key]:
        """The issuer's signature keys; `anew` asks again, for a key nobody here has seen. Raises ProviderUnusable."""
        known = await self._look_up(issuer, now)
        if anew or not known.keys:
            known.keys = read_keys(await self._document(known.metadata.jwks_uri))
        return known.keys

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> OutboundResponse:
        """What a provider answers. Raises ProviderUnusable when it does not."""
        try:
            return await self._outbound.send(
                method, url, headers={"Accept": "application/json", **(headers or {})}, body=body, limits=LIMITS
            )
        except (OutboundRefused, OutboundFailed) as error:
            raise ProviderUnusable(f"{error}") from error

    async def _look_up(self, issuer: str, now: datetime) -> _Known:
        known = self._known.get(issuer)
        if known is None or known.until <= now:
            document = await self._document(issuer.rstrip("/") + WELL_KNOWN)
            known = _Known(read_metadata(document, issuer), (), now + KEPT)
            self._known[issuer] = known
            while len(self._known) > MAX_KEPT:
                self._known.popitem(last=False)
        return known

    async def _document(self, url: str) -> object:
        answer = await self.send("GET", url)
        if answer.status != 200:
            raise ProviderUnusable(f"The provider answered with status {answer.status}.")
        try:
            return answer.json()
        except ValueError as error:
            raise ProviderUnusable("The provider answered with something else than JSON.") from error


def read_metadata(document: object, issuer: str) -> ProviderMetadata:
    """The document as values. Raises ProviderUnusable unless it is about this very issuer and complete."""
    if not isinstance(document, dict) or document.get("issuer") != issuer:
        raise ProviderUnusable("The provider calls itself by another issuer.")
    methods = document.get("token_endpoint_auth_methods_supported")
    userinfo = document.get("userinfo_endpoint")
    return ProviderMetadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(document, "token_endpoint", issuer),
        jwks_uri=_endpoint(document, "jwks_uri", issuer),
        userinfo_endpoint=None if userinfo is None else _endpoint(document, "userinfo_endpoint", issuer),
        token_auth_methods=tuple(map(str, methods)) if isinstance(methods, list) else ("client_secret_basic",),
        answers_with_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str) -> str:  # Any: JSON
    url = document.get(name)
    try:
        # An issuer over https has no endpoint in the clear; one in the clear is exempt, and so may its endpoints be.
        if not isinstance(url, str) or "#" in url or _scheme(url) not in {"https", _scheme(issuer)}:
            raise ProviderUnusable(f"The provider names no usable {name}.")
    except OutboundRefused:
        raise ProviderUnusable(f"The provider names no usable {name}.") from None
    return url


def _scheme(url: str) -> str:
    return parse_target(url).scheme
