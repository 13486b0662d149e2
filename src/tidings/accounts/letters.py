"""What accounts write to people: each letter one function that gives only what the letter says.

Names, devices and addresses are chosen by strangers, so they stand in greetings and facts, where nothing has a meaning
of its own. Links come from the server's own address; opening one changes nothing, its page asks first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from tidings.templates.formats import moment
from tidings.templates.languages import DEFAULT
from tidings.templates.letters import Button, House, Letter
from tidings.templates.phrases import phrase

VERIFY_EMAIL = "/verify-email"
RESET_PASSWORD = "/reset-password"
CONFIRM_EMAIL = "/confirm-email"
UNDO_EMAIL = "/undo-email"
INVITATION = "/invitation"
SIGN_IN = "/sign-in"
SECURITY = "/security"
DATA = "/data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a letter, in which language, and whom it is from. `name` is shown as it is."""

    house: House
    language: str = DEFAULT
    name: str | None = None

    def says(self, key: str, count: int | None = None, **values: object) -> str:
        """A sentence of the house in the reader's language."""
        return phrase(f"letter.{key}", self.language, {"house": self.house.name, **values}, count=count)


# --- signing up ----------------------------------------------------------------------------------------------


def verify_email(reader: Reader, *, token: str, hours: int) -> Letter:
    """To whoever signed up: is this address yours?"""
    life = reader.says("link_life", hours, hours=hours)
    return _letter(
        reader, "verify_email", life, _ignore(reader), path=VERIFY_EMAIL, token=token, why=reader.says("address_why")
    )


def address_known(reader: Reader) -> Letter:
    """To the owner of an address with which somebody tried to sign up again."""
    return _letter(reader, "address_known", path=SIGN_IN)


def invitation(reader: Reader, *, token: str, hours: int, invited_by: str) -> Letter:
    """To somebody who may choose a user name and a password."""
    life = reader.says("link_life", hours, hours=hours)
    facts = _facts(reader, invited_by=invited_by)
    why = reader.says("address_why")
    return _letter(reader, "invitation", life, path=INVITATION, token=token, facts=facts, why=why)


def take_over(reader: Reader, *, token: str, hours: int) -> Letter:
    """To whoever signed up with an address that is known here without an account: that one can become theirs."""
    life = reader.says("link_life", hours, hours=hours)
    return _letter(reader, "take_over", life, _ignore(reader), path=INVITATION, token=token)


def approved(reader: Reader) -> Letter:
    """To somebody whose sign-up an administrator let in."""
    return _letter(reader, "approved", path=SIGN_IN)


def rejected(reader: Reader) -> Letter:
    """To somebody whose sign-up an administrator turned down."""
    return _letter(reader, "rejected", why=reader.says("address_why"))


# --- credentials ---------------------------------------------------------------------------------------------


def password_reset(reader: Reader, *, token: str, hours: int) -> Letter:
    """To whoever asked for a new password; it says nothing to anybody else."""
    life = reader.says("link_life", hours, hours=hours)
    return _letter(reader, "password_reset", life, _ignore(reader), path=RESET_PASSWORD, token=token)


def password_changed(reader: Reader, *, at: str) -> Letter:
    """The owner learns of a change that somebody else may have made. `at` is an ISO 8601 time."""
    facts = _facts(reader, time=moment(at, reader.language))
    return _letter(reader, "password_changed", reader.says("act"), path=RESET_PASSWORD, facts=facts)


def confirm_email(reader: Reader, *, token: str, hours: int) -> Letter:
    """To the address that is to be the new one."""
    life = reader.says("link_life", hours, hours=hours)
    why = reader.says("address_why")
    return _letter(reader, "confirm_email", life, _ignore(reader), path=CONFIRM_EMAIL, token=token, why=why)


def email_changed(reader: Reader, *, token: str, hours: int, new_email: str) -> Letter:
    """To the address that was the old one, with the way back."""
    life = reader.says("link_life", hours, hours=hours)
    facts = _facts(reader, email=new_email)
    return _letter(reader, "email_changed", life, path=UNDO_EMAIL, token=token, facts=facts)


def mfa_on(reader: Reader, *, at: str, change: str) -> Letter:
    """The second step was switched on, by this change."""
    return _of_change(reader, "mfa_on", reader.says("act"), at=at, change=change)


def mfa_off(reader: Reader, *, at: str, change: str) -> Letter:
    """The second step was switched off by this change, perhaps by somebody else."""
    return _of_change(reader, "mfa_off", reader.says("act"), at=at, change=change)


def sign_in_changed(reader: Reader, *, at: str, change: str) -> Letter:
    """Something that opens the account was added or removed, perhaps by somebody else."""
    return _of_change(reader, "sign_in_changed", at=at, change=change)


def new_device(reader: Reader, *, at: str, device: str, browser: str, ip: str, place: str = "") -> Letter:
    """Somebody signed in from a device that never did before; what is unknown may be empty."""
    time = moment(at, reader.language)
    facts = _facts(reader, device=device, browser=browser, ip=ip, place=place, time=time)
    return _letter(reader, "new_device", reader.says("act"), path=SECURITY, facts=facts)


# --- data ----------------------------------------------------------------------------------------------------


def export_ready(reader: Reader) -> Letter:
    """To whoever asked for a copy of their data; the link leads to a page that asks for a sign-in."""
    return _letter(reader, "export_ready", path=DATA)


LETTERS: Mapping[str, Callable[..., Letter]] = MappingProxyType(
    {
        letter.__name__: letter
        for letter in (
            verify_email,
            address_known,
            invitation,
            take_over,
            approved,
            rejected,
            password_reset,
            password_changed,
            confirm_email,
            email_changed,
            mfa_on,
            mfa_off,
            sign_in_changed,
            new_device,
            export_ready,
        )
    }
)
"""Every letter by its name. Each takes a Reader and the values that it names, as JSON has them."""

_AT = "2026-03-09T07:30:00Z"
_TOKEN = "tdm_a-token-of-256-bits"
SAMPLES: Mapping[str, Mapping[str, str | int]] = MappingProxyType(
    {
        "verify_email": {"token": _TOKEN, "hours": 24},
        "address_known": {},
        "invitation": {"token": _TOKEN, "hours": 72, "invited_by": "Ada Lovelace"},
        "take_over": {"token": _TOKEN, "hours": 72},
        "approved": {},
        "rejected": {},
        "password_reset": {"token": _TOKEN, "hours": 1},
        "password_changed": {"at": _AT},
        "confirm_email": {"token": _TOKEN, "hours": 24},
        "email_changed": {"token": _TOKEN, "hours": 72, "new_email": "grace@example.net"},
        "mfa_on": {"at": _AT, "change": "totp_added"},
        "mfa_off": {"at": _AT, "change": "totp_removed"},
        "sign_in_changed": {"at": _AT, "change": "passkey_added"},
        "new_device": {
            "at": _AT,
            "device": "Pixel 9",
            "browser": "Firefox 150",
            "ip": "203.0.113.7",
            "place": "Ljubljana",
        },
        "export_ready": {},
    }
)
"""Believable values for each letter, to look at it."""


def _of_change(reader: Reader, name: str, *more: str, at: str, change: str) -> Letter:
    """`change` is a CredentialKind."""
    facts = _facts(reader, change=reader.says(f"change.{change}"), time=moment(at, reader.language))
    return _letter(reader, name, *more, path=SECURITY, facts=facts, label="mfa.button")


def _letter(
    reader: Reader,
    name: str,
    *more: str,
    path: str | None = None,
    token: str | None = None,
    label: str | None = None,
    facts: tuple[tuple[str, str], ...] = (),
    why: str | None = None,
) -> Letter:
    """`more` follows what the letter itself says, each a paragraph."""
    button = None
    if path is not None:
        query = "" if token is None else f"?token={quote(token, safe='')}"
        button = Button(label=reader.says(label or f"{name}.button"), url=f"{reader.house.url}{path}{query}")
    return Letter(
        language=reader.language,
        subject=reader.says(f"{name}.subject"),
        body="\n\n".join((reader.says(f"{name}.body"), *more)),
        greeting=reader.says("greeting", name=reader.name) if reader.name else None,
        button=button,
        facts=facts,
        why=why or reader.says("account_why"),
    )


def _ignore(reader: Reader) -> str:
    return reader.says("ignore")


def _facts(reader: Reader, **facts: str) -> tuple[tuple[str, str], ...]:
    return tuple((reader.says(f"fact.{name}"), value) for name, value in facts.items() if value)
