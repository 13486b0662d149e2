"""Which passwords are taken. The rules are a pure function; what must be read from a file is asked in a thread.

NIST SP 800-63B-4 §3.1.1 by default: length and a list of what is guessed first, no rules of composition. Or as the
originating system had it, to the letter: four kinds of characters, or a length alone. A file of stolen passwords, where
the operator gives one, holds for all three.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from tidings.accounts.breached_passwords import is_breached
from tidings.accounts.common_passwords import is_common
from tidings.accounts.errors import PasswordRefused
from tidings.accounts.models import User
from tidings.accounts.password_words import ADVICE, FAULTS, advice_meant
from tidings.accounts.passwords import ALONE, PERMITS, WAITING, is_correct
from tidings.accounts.server_settings.models import ServerSettings
from tidings.accounts.server_settings.reading import read_server_settings
from tidings.accounts.server_settings.types import PasswordType
from tidings.accounts.types import AccessType
from tidings.kernel.errors import Fault
from tidings.kernel.threads import BoundedThreads

WITH_MFA = 8
_LEFT = 8
"""So many characters must remain of a password when the words about its owner are taken out."""
_SHORTEST_WORD = 3
_ADVISED = 16
"""Advice is given on so many characters. What it costs grows fast with those that look like others, as in p@$$w0rd: of
64 chosen by somebody who wants to keep the server busy it takes seconds, of 16 some hundredths of one."""

# As many may wait as for a hash. One thread: the work is Python's own, of which a second would do no more.
_threads = BoundedThreads("policy", at_once=1, waiting=PERMITS + WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordOwner:
    """Whose password it is to be, and what strangers know of them."""

    access_type: AccessType = AccessType.REGULAR
    has_mfa: bool = False
    known: tuple[str | None, ...] = ()
    """User name, e-mail address, name."""
    given: str | None = None
    """The hash of a password that somebody else chose and that must be replaced."""

    @classmethod
    def of(cls, user: User) -> Self:
        """The owner of an account."""
        return cls(
            access_type=user.access_type,
            has_mfa=user.mfa_enabled,
            known=(user.username, user.email, user.name),
            given=user.password_hash if user.password_must_change else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordHouse:
    """Where the password is to open something, and the path of the file of stolen ones, if this server has one."""

    base_url: str
    breached: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRules:
    """What holds for one owner."""

    kind: PasswordType
    min_length: int
    words: Sequence[str] = ()


async def check_new_password(
    session: AsyncSession, password: str, *, owner: PasswordOwner, house: PasswordHouse, pointer: str = "/password"
) -> None:
    """Let a password be set that the server's settings allow. Raises PasswordRefused, which says all that is wrong,
    and Busy.

    Call it before the transaction, like the hashing: the session is only read from, and threads are waited for.
    """
    rules = rules_for(await read_server_settings(session), owner=owner, house=house)
    is_unchanged = owner.given is not None and await is_correct(password, owner.given)
    faults = await _threads.run(lambda: list(_faults_of(password, rules, house, is_unchanged=is_unchanged)))
    if faults:
        raise PasswordRefused(faults=[Fault(pointer, *each) for each in faults])


def rules_for(settings: ServerSettings, *, owner: PasswordOwner, house: PasswordHouse) -> PasswordRules:
    """The rules for this owner under these settings."""
    words = tuple(dict.fromkeys([*_words(*owner.known), *_words(urlsplit(house.base_url).hostname), "tidings"]))
    return PasswordRules(kind=settings.password_type, min_length=min_length(settings, owner), words=words)


def min_length(settings: ServerSettings, owner: PasswordOwner) -> int:
    """How many characters this owner's password needs under these settings."""
    if settings.password_type is PasswordType.NIST:
        return WITH_MFA if owner.has_mfa else ALONE
    is_admin = owner.access_type is AccessType.ADMIN
    return settings.password_length_admin_users if is_admin else settings.password_length_regular_users


def faults_in(password: str, rules: PasswordRules) -> Iterator[str]:
    """The codes of everything that is wrong with a password; a character is a Unicode code point."""
    if len(password) < rules.min_length:
        yield "password_too_short"
    if rules.kind is PasswordType.STRICT and not _is_varied(password):
        yield "password_lacks_variety"
    if rules.kind is not PasswordType.NIST:
        return
    if is_common(password):
        yield "password_too_common"
    elif _is_about(password, rules.words):
        yield "password_contains_personal_data"


def advise(password: str, words: Sequence[str]) -> Sequence[str]:
    """The codes of what would be better, as zxcvbn sees it; none when it has nothing to say."""
    from zxcvbn import zxcvbn  # type: ignore[import-untyped]  # noqa: PLC0415 - loads the lists of common_passwords

    feedback = zxcvbn(password[:_ADVISED], user_inputs=list(words))["feedback"]
    return tuple(advice_meant([feedback["warning"], *feedback["suggestions"]]))


def _faults_of(
    password: str, rules: PasswordRules, house: PasswordHouse, *, is_unchanged: bool
) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Each code, what it says, and the advice that goes with it."""
    codes = list(faults_in(password, rules))
    if not codes and house.breached and is_breached(Path(house.breached), password):
        codes = ["password_too_common"]
    if is_unchanged:
        codes.append("password_unchanged")
    if not codes:
        return
    advice = advise(password, rules.words)
    if "password_too_common" in codes:  # what is common itself resembles nothing
        advice = tuple(each for each in advice if each != "resembles_common")
    better = [ADVICE[each] for each in advice]
    for code in codes:
        yield code, " ".join([FAULTS[code].format(count=rules.min_length), *better]), advice


def _is_varied(password: str) -> bool:
    return (
        any(character.isupper() for character in password)
        and any(character.islower() for character in password)
        and any(character.isdecimal() for character in password)
        and any(not character.isalnum() and not character.isspace() for character in password)
    )


def _is_about(password: str, words: Sequence[str]) -> bool:
    text = left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    return left != text and len(left) < _LEFT


def _words(*known: str | None) -> Iterator[str]:
    for text in known:
        for word in re.split(r"[\W_]+", (text or "").casefold()):
            if len(word) >= _SHORTEST_WORD:
                yield word
