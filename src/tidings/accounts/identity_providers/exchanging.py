"""The two legs of the authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636), as a client of a provider."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import structlog

from tidings.accounts.identity_providers.discovery import ProviderDirectory
from tidings.accounts.identity_providers.errors import IdentityUnproven, ProviderUnusable
from tidings.accounts.identity_providers.id_tokens import IdTokenInvalid, UnknownKey, verify_id_token
from tidings.accounts.identity_providers.types import ProvenIdentity, ProviderAccess, ProviderMetadata

MAX_TEXT = 250
_FORM = "application/x-www-form-urlencoded"
log = structlog.get_logger(__name__)


def authorize_url(
    metadata: ProviderMetadata, access: ProviderAccess, *, redirect_uri: str, state: str, nonce: str, verifier: str
) -> str:
    """Where a browser is sent to sign in."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": access.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(access.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query, quote_via=quote)}"


async def prove_identity(
    directory: ProviderDirectory,
    access: ProviderAccess,
    code: str,
    *,
    redirect_uri: str,
    nonce: str,
    verifier: str,
    now: datetime,
) -> ProvenIdentity:
    """Who the provider says has signed in. Raises ProviderUnusable, IdentityUnproven."""
    metadata = await directory.metadata(access.issuer, now=now)
    tokens = await _redeem(directory, metadata, access, code, redirect_uri=redirect_uri, verifier=verifier)
    id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str | None):
        raise IdentityUnproven()
    claims = await _verified(directory, access, id_token, access_token, nonce=nonce, now=now)
    if access_token is not None and metadata.userinfo_endpoint is not None and "email" not in claims:
        claims = {**await _userinfo(directory, metadata.userinfo_endpoint, access_token, claims["sub"]), **claims}
    return _identity(claims)


async def _redeem(
    directory: ProviderDirectory,
    metadata: ProviderMetadata,
    access: ProviderAccess,
    code: str,
    *,
    redirect_uri: str,
    verifier: str,
) -> Mapping[str, Any]:  # Any: JSON
    body = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": _FORM}
    if access.client_secret is None:
        body["client_id"] = access.client_id
    elif "client_secret_basic" in metadata.token_auth_methods:
        # RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
        pair = f"{quote(access.client_id, safe='')}:{quote(access.client_secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        body |= {"client_id": access.client_id, "client_secret": access.client_secret}
    answer = await directory.send("POST", metadata.token_endpoint, headers=headers, body=urlencode(body).encode())
    if answer.status != 200:
        log.warning("a provider refused a code", issuer=access.issuer, status=answer.status)
        raise IdentityUnproven()
    return _object(answer.json)


async def _verified(
    directory: ProviderDirectory,
    access: ProviderAccess,
    token: str,
    access_token: str | None,
    *,
    nonce: str,
    now: datetime,
) -> Mapping[str, Any]:
    for anew in (False, True):
        keys = await directory.keys(access.issuer, now=now, anew=anew)
        try:
            return verify_id_token(
                token,
                keys,
                issuer=access.issuer,
                client_id=access.client_id,
                nonce=nonce,
                access_token=access_token,
                now=now,
            )
        except UnknownKey:
            continue  # the provider may have a new key: its keys are asked for once more
        except IdTokenInvalid as error:
            log.warning("an ID Token proves nothing", issuer=access.issuer, check=str(error))
            raise IdentityUnproven() from None
    log.warning("an ID Token is signed with no key of its issuer", issuer=access.issuer)
    raise IdentityUnproven()


async def _userinfo(directory: ProviderDirectory, endpoint: str, access_token: str, subject: str) -> Mapping[str, Any]:
    answer = await directory.send("GET", endpoint, headers={"Authorization": f"Bearer {access_token}"})
    said = _object(answer.json) if answer.status == 200 else {}
    if said and said.get("sub") != subject:  # OpenID Connect Core 1.0 §5.3.2: it could be about somebody else
        raise IdentityUnproven()
    return said


def _object(read: Any) -> Mapping[str, Any]:  # Any: a method that gives any JSON value
    try:
        value = read()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ProviderUnusable("The provider answered with something else than a JSON object.")
    return value


def _identity(claims: Mapping[str, Any]) -> ProvenIdentity:
    return ProvenIdentity(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=_text(claims, "email"),
        email_verified=claims.get("email_verified") in (True, "true"),  # some providers write it as text
        name=_text(claims, "name"),
        username=_text(claims, "preferred_username"),
        locale=_text(claims, "locale"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if not isinstance(value, str):
        return None
    value = value.strip()
    return value if 0 < len(value) <= MAX_TEXT and value.isprintable() else None
