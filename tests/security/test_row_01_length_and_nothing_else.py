"""Fifteen characters alone, eight with a second factor, long ones allowed, and no rules about what or how old."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.accounts.signing_in import log_in
from tests.accounts.world import World
from tests.clock import StoppedClock
from tidings.accounts.common_passwords import is_common
from tidings.accounts.models import User
from tidings.accounts.password_policy import (
    WITH_MFA,
    PasswordHouse,
    PasswordOwner,
    PasswordRules,
    faults_in,
    rules_for,
)
from tidings.accounts.passwords import ALONE, MAX_LENGTH
from tidings.accounts.server_settings.reading import default_settings

OURS = ("people", "example", "tidings")


def is_unheard_of(text: str) -> bool:
    """What everybody tries first, and words about the server, are another row's matter."""
    return not text or not (is_common(text) or any(word in text.casefold() for word in OURS))


# One character is one code point, whatever it is.
TEXT = st.text(st.characters(codec="utf-8"), max_size=MAX_LENGTH).filter(is_unheard_of)


def rules(*, has_mfa: bool = False) -> PasswordRules:
    house = PasswordHouse(base_url="https://people.example")
    return rules_for(default_settings(), owner=PasswordOwner(has_mfa=has_mfa), house=house)


def faults(password: str, *, has_mfa: bool = False) -> Sequence[str]:
    return list(faults_in(password, rules(has_mfa=has_mfa)))


@settings(deadline=None)  # the machine may be busy
@given(TEXT)
def test_row_01_length_alone_decides(password: str) -> None:
    assert faults(password) == ([] if len(password) >= 15 else ["password_too_short"])


@settings(deadline=None)  # the machine may be busy
@given(TEXT)
def test_row_01_a_second_factor_makes_eight_enough(password: str) -> None:
    assert faults(password, has_mfa=True) == ([] if len(password) >= 8 else ["password_too_short"])


def test_row_01_the_limits_are_those_promised() -> None:
    assert (ALONE, WITH_MFA) == (15, 8)
    assert MAX_LENGTH >= 64


async def test_row_01_a_password_never_expires(world: World, ada: User, clock: StoppedClock) -> None:
    clock.advance(days=10 * 365)
    async with world.client() as browser:
        assert (await log_in(browser)).status_code == 200
