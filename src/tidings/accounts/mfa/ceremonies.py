"""The two ceremonies of WebAuthn (Level 3, §7.1 and §7.2): what a browser is asked, and whether its answer holds.

Pure: which challenge is fresh, and whose a credential is, the callers know. Loading this takes a fifth of a second and
6 MiB, and where nobody has a passkey it is never needed: only `passkeys` imports it, in a thread, when it has work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import (
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tidings.accounts.cookies import origin_of

TIMEOUT_MS = 300_000
MAX_CREDENTIAL_ID = 1_023  # WebAuthn §4
_MAX_PUBLIC_KEY = 1_100  # RSA of 8,192 bits; checking a signature of a larger one takes long

# What the library, and the readers of CBOR and of keys below it, raise for bytes that are not what they should be.
_MALFORMED = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)


class AnswerInvalid(ValueError):
    """A passkey's answer is malformed, or not the answer to what was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where passkeys are used: the origin browsers send, and the host they bind a passkey to (its rpId)."""

    origin: str
    host: str

    @classmethod
    def at(cls, url: str) -> "Site":
        """The site this URL belongs to."""
        origin = origin_of(url)
        return cls(origin=origin, host=urlsplit(origin).hostname or "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A passkey as its authenticator describes it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: Sequence[str]
    is_backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What an answer says before anything is checked; `user_handle` is what the passkey's owner was called."""

    credential_id: bytes
    challenge: bytes
    user_handle: bytes | None


def creation_options(
    site: Site,
    *,
    house: str,
    user_handle: bytes,
    username: str,
    display_name: str,
    known: Sequence[tuple[bytes, Sequence[str]]],
    challenge: bytes,
) -> dict[str, Any]:  # Any: JSON that goes to the browser as it is
    """What `navigator.credentials.create` is asked for: a passkey that finds its owner, and verifies them.

    `known` are the credentials, with their transports, that this person has already.
    """
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=house,
        user_id=user_handle,
        user_name=username,
        user_display_name=display_name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            PublicKeyCredentialDescriptor(
                id=credential_id, transports=[AuthenticatorTransport(transport) for transport in transports]
            )
            for credential_id, transports in known
        ],
    )
    return webauthn.helpers.options_to_json_dict(options)


def request_options(site: Site, *, challenge: bytes) -> dict[str, Any]:  # Any: as above
    """What `navigator.credentials.get` is asked for: any passkey of this site that verifies its owner."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.helpers.options_to_json_dict(options)


def challenge_of_registration(answer: Mapping[str, Any]) -> bytes:
    """The challenge a new passkey claims to have signed. Raises AnswerInvalid."""
    try:
        parsed = parse_registration_credential_json(dict(answer))
        return parse_client_data_json(parsed.response.client_data_json).challenge
    except _MALFORMED as error:
        raise AnswerInvalid(str(error)) from error


def verify_registration(answer: Mapping[str, Any], *, challenge: bytes, site: Site) -> Registered:
    """The new passkey, if this is a genuine answer to the challenge, at this site, with its user verified.

    Raises AnswerInvalid.
    """
    try:
        parsed = parse_registration_credential_json(dict(answer))
        _refuse_frames(parsed.response.client_data_json)
        verified = webauthn.verify_registration_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        _check_size("credential id", verified.credential_id, MAX_CREDENTIAL_ID)
        _check_size("public key", verified.credential_public_key, _MAX_PUBLIC_KEY)
        # The library stores any key; one that is no key is refused now and not at the first sign-in.
        decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
    except _MALFORMED as error:
        raise AnswerInvalid(str(error)) from error
    return Registered(
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=[transport.value for transport in parsed.response.transports or ()],
        is_backed_up=verified.credential_backed_up,
    )


def read_assertion(answer: Mapping[str, Any]) -> Assertion:
    """What the answer says, nothing of it checked. Raises AnswerInvalid."""
    try:
        parsed = parse_authentication_credential_json(dict(answer))
        client_data = parse_client_data_json(parsed.response.client_data_json)
    except _MALFORMED as error:
        raise AnswerInvalid(str(error)) from error
    return Assertion(
        credential_id=parsed.raw_id, challenge=client_data.challenge, user_handle=parsed.response.user_handle
    )


def verify_assertion(answer: Mapping[str, Any], *, challenge: bytes, site: Site, public_key: bytes) -> int:
    """The signature counter, if the key signed this challenge, at this site, with its user verified.

    Whether the counter may be what it is, is for the caller to say. Raises AnswerInvalid.
    """
    try:
        parsed = parse_authentication_credential_json(dict(answer))
        _refuse_frames(parsed.response.client_data_json)
        verified = webauthn.verify_authentication_response(
            credential=parsed,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=public_key,
            # The library looks at the counter before the signature, so anybody could make it look as if it went back.
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED as error:
        raise AnswerInvalid(str(error)) from error
    return verified.new_sign_count


def _refuse_frames(client_data: bytes) -> None:
    """A page of another origin that shows ours in a frame must not ask for our passkeys (WebAuthn §13.4.9)."""
    if parse_client_data_json(client_data).cross_origin:
        raise AnswerInvalid("The passkey was asked inside a page of another origin.")


def _check_size(what: str, value: bytes, limit: int) -> None:
    if len(value) > limit:
        raise AnswerInvalid(f"The {what} is longer than {limit} bytes.")
