"""The life of tokens, whatever is done in whatever order: those that must live open the door, a dead one never does."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.accounts.stage import BOUNDS, Stage, a_stage
from tests.accounts.token_model import GRACE, Person
from tests.accounts.token_play import ME, TokenPlay
from tidings.accounts.mail_tokens.types import MailPurpose
from tidings.accounts.types import AccountState
from tidings.kernel.crypto import digest

MINUTE, HOUR, DAY = 60, 3_600, 86_400
WAITS = (
    1,
    29,
    30,
    31,
    MINUTE,
    4 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    HOUR,
    DAY,
    3 * DAY,
    14 * DAY,
    90 * DAY,
)
picks = st.integers(0, 20)
recent_picks = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 5, 8, 13])


class TokenMachine(TokenPlay):
    """People who sign in, forget, change and lose what they hold, and an administrator who takes it away."""

    @initialize()
    def three_people(self) -> None:
        self.stage.clear()
        self.key = self.stage.run(self.make_key())
        for name in ("ada", "eve", "bob"):
            person = self.join(name, has_factor=name == "ada")
            self.sign_in(person, "login")
            self.sign_in(person, "token")
            self.ask_for_reset(person)
        self.show_factor(self.halves[0])

    # --- signing in and going on -----------------------------------------------------------------------------

    @rule(pick=picks, way=st.sampled_from(["login", "token"]), earlier=picks)
    def somebody_signs_in(self, pick: int, way: str, earlier: int) -> None:
        """In a browser the session that its cookie still opens ends."""
        before = self.opened(earlier)
        is_replaced = before is not None and before[0].cookie is not None and way == "login"
        self.sign_in(self.active(pick), way, instead_of=before[0] if before and is_replaced else None)

    @precondition(lambda self: self.halves)
    @rule(pick=recent_picks)
    def a_second_factor_is_shown(self, pick: int) -> None:
        self.show_factor(self.halves[-1 - pick % len(self.halves)])

    @rule(pick=recent_picks)
    def an_app_refreshes(self, pick: int) -> None:
        fresh = [each for each in self.families if each[1].refreshed_at is None]
        if fresh:
            self.refresh(*fresh[-1 - pick % len(fresh)])

    @precondition(lambda self: self.refreshed())
    @rule(pick=recent_picks)
    def a_refresh_token_comes_back(self, pick: int) -> None:
        used = self.refreshed()
        self.refresh(*used[-1 - pick % len(used)])

    @precondition(lambda self: self.refreshed(within=GRACE))
    @rule(pick=recent_picks, is_late=st.booleans())
    def a_refresh_token_comes_back_as_its_thirty_seconds_end(self, pick: int, is_late: bool) -> None:
        used = self.refreshed(within=GRACE)
        sign_in, pair = used[-1 - pick % len(used)]
        assert pair.refreshed_at
        self.stage.clock.advance(seconds=(pair.refreshed_at + GRACE - self.now).total_seconds() + is_late)
        self.refresh(sign_in, pair)

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks)
    def somebody_proves_again_who_they_are(self, pick: int) -> None:
        sign_in, key = self.somebody(pick)
        answer = self.asks("POST", "/auth/confirm", {"password": sign_in.person.password}, shows=key)
        assert answer.status_code == 200, answer.text
        sign_in.confirmed_at = self.now
        if sign_in.cookie:
            sign_in.cookie = self.door(answer.cookies["tidings"])
        else:
            sign_in.pairs = [self.pair(sign_in, answer.json()["tokens"])]

    # --- leaving ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks, other=picks, what=st.sampled_from(["this one", "one", "all others"]))
    def somebody_ends_sign_ins_of_theirs(self, pick: int, other: int, what: str) -> None:
        sign_in, key = self.somebody(pick)
        if what == "this one":
            assert self.asks("POST", "/auth/logout", shows=key).status_code == 200
            sign_in.end()
        elif what == "all others":
            assert self.asks("DELETE", f"{ME}/sessions", shows=key).status_code == 204
            sign_in.person.lose_access(but=sign_in)
        else:
            ended = [each for each in sign_in.person.sign_ins if each.keys(self.now)][other % 2 - 1]
            name = self.name_of(ended)
            assert self.asks("DELETE", f"{ME}/sessions/{name}", shows=key).status_code == 204
            ended.end()

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks)
    def somebody_sees_where_they_are_signed_in(self, pick: int) -> None:
        sign_in, key = self.somebody(pick)
        shown = self.asks("GET", f"{ME}/sessions", shows=key).json()["sessions"]
        assert len(shown) == len([each for each in sign_in.person.sign_ins if each.is_alive(self.now)])

    # --- credentials and letters -----------------------------------------------------------------------------

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks)
    def somebody_changes_their_password(self, pick: int) -> None:
        sign_in, key = self.somebody(pick)
        person, new = sign_in.person, self.new_password()
        body = {"password": new, "current_password": person.password}
        answer = self.asks("PUT", f"{ME}/password", body, shows=key)
        assert answer.status_code == (200 if sign_in.is_recent(self.now) else 403), answer.text
        if answer.status_code == 200:
            person.password = new
            person.lose_access(but=sign_in)
            person.forget_links()

    @rule(pick=picks)
    def a_reset_is_asked_for(self, pick: int) -> None:
        self.ask_for_reset(self.people[pick % len(self.people)])

    @rule(pick=picks)
    def a_link_to_verify_is_asked_for(self, pick: int) -> None:
        person = self.people[pick % len(self.people)]
        assert self.asks("POST", "/auth/verify-email/resend", {"email": person.email}).status_code == 202
        link = self.mailed(person, MailPurpose.VERIFY_EMAIL, person.email)
        assert link is None or (person.is_active and not person.is_verified)

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks, number=st.integers(1, 3))
    def somebody_moves_to_another_address(self, pick: int, number: int) -> None:
        """Some confirm at once, and some again and again."""
        for _ in range(number):
            if self.opened(pick):
                sign_in, key = self.somebody(pick)
                email = f"new{next(self.numbers)}@example.org"
                answer = self.asks("PUT", f"{ME}/email", {"email": email}, shows=key)
                assert answer.status_code == (202 if sign_in.is_recent(self.now) else 403), answer.text
                link = self.mailed(sign_in.person, MailPurpose.CONFIRM_EMAIL, email)
                assert (link is not None) == sign_in.is_recent(self.now)
                if link and number > 1:
                    self.follow(link)

    @precondition(lambda self: self.opened(0))
    @rule(pick=picks)
    def somebody_keeps_their_address(self, pick: int) -> None:
        sign_in, key = self.somebody(pick)
        assert self.asks("DELETE", f"{ME}/email/pending", shows=key).status_code == 204
        sign_in.person.withdraw(MailPurpose.CONFIRM_EMAIL)

    @rule(pick=picks, again=st.booleans())
    def somebody_is_invited(self, pick: int, again: bool) -> None:
        invited = [person for person in self.people if person.state is AccountState.INVITED]
        email = invited[pick % len(invited)].email if invited and again else f"g{next(self.numbers)}@example.org"
        answer = self.asks("POST", "/users/invite", {"email": email, "access_type": "regular"}, shows=self.key)
        assert answer.status_code == 201, answer.text
        person = next((each for each in invited if each.email == email), None)
        if person is None:
            name = email.partition("@")[0]
            person = Person(UUID(answer.json()["id"]), name, email, state=AccountState.INVITED)
            self.people.append(person)
        self.mailed(person, MailPurpose.INVITATION, email)

    @precondition(lambda self: self.links)
    @rule(pick=recent_picks)
    def a_link_is_followed(self, pick: int) -> None:
        """Any that was ever mailed: used, replaced, late, or of somebody who is gone."""
        self.follow(self.links[-1 - pick % len(self.links)])

    @precondition(lambda self: any(link.is_alive(self.now) for link in self.links))
    @rule(pick=picks)
    def a_good_link_is_followed(self, pick: int) -> None:
        good = [link for link in self.links if link.is_alive(self.now)]
        self.follow(good[pick % len(good)])

    # --- what an administrator and time do -------------------------------------------------------------------

    @rule(pick=picks, what=st.sampled_from(["sign-ins", "access", "access", "account"]))
    def an_administrator_takes_something_away(self, pick: int, what: str) -> None:
        person = self.active(pick)
        if what == "sign-ins":
            assert self.asks("DELETE", f"/users/{person.id}/sessions", shows=self.key).status_code == 204
            person.lose_access()
        elif what == "access":
            assert self.asks("POST", f"/users/{person.id}/suspend", shows=self.key).status_code == 200
            person.state = AccountState.SUSPENDED
            person.lose_everything()
        else:
            assert self.asks("DELETE", f"/users/{person.id}", shows=self.key).status_code == 204
            self.people.remove(person)
            person.lose_everything()
            self.join(person.name, has_factor=person.totp is not None)  # somebody else gets the name

    @precondition(lambda self: any(person.state is AccountState.SUSPENDED for person in self.people))
    @rule(pick=picks)
    def an_administrator_reactivates(self, pick: int) -> None:
        suspended = [person for person in self.people if person.state is AccountState.SUSPENDED]
        person = suspended[pick % len(suspended)]
        assert self.asks("POST", f"/users/{person.id}/reactivate", shows=self.key).status_code == 200
        person.state = AccountState.ACTIVE

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: int) -> None:
        self.stage.clock.advance(seconds=seconds)

    @rule()
    def what_is_over_is_cleared_away(self) -> None:
        self.stage.run(self.purge())
        for person in self.people:
            for sign_in in person.sign_ins:
                sign_in.forget_old_pairs(self.now)

    # --- what must hold --------------------------------------------------------------------------------------

    @invariant()
    def exactly_the_living_open_the_door(self) -> None:
        """Every one that lives does, and the newest dead ones do not."""
        living = self.living()
        for key, sign_in in living.items():
            answer = self.asks("GET", ME, shows=key)
            assert (answer.status_code, answer.json()["id"]) == (200, str(sign_in.person.id))
            sign_in.was_used(self.now)
        self.refuses([key for key in self.doors if key not in living][-2:])

    @rule()
    def whoever_kept_old_ones_tries_them_all(self) -> None:
        living = self.living()
        self.refuses([key for key in self.doors if key not in living])

    @invariant()
    def exactly_the_living_wait(self) -> None:
        """What can be used once is looked up instead of used; using it is a rule of its own."""
        if self.people:
            links, halves = self.stage.run(self.waiting())
            assert links == {digest(link.token) for link in self.links if link.is_alive(self.now)}
            assert halves == {digest(half.token) for half in self.halves if half.is_alive(self.now)}

    @rule(pick=picks)
    def what_is_no_key_is_shown_at_the_door(self, pick: int) -> None:
        waiting = [link.token for link in self.links] + [half.token for half in self.halves]
        others = waiting + [pair.refresh for _, pair in self.families]
        if others:
            token = others[pick % len(others)]
            for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"tidings={token}"}):
                assert self.stage.run(self.stage.client.get(ME, headers=headers)).status_code == 401


@pytest.fixture
def stage(engine: AsyncEngine, tmp_path: Path) -> Iterator[Stage]:
    with a_stage(engine, tmp_path) as stage:
        yield stage


def test_whatever_happens_exactly_the_tokens_that_must_live_do(stage: Stage) -> None:
    class Machine(TokenMachine):
        def __init__(self) -> None:
            super().__init__(stage)

    # Each step asks at every door, so there are fewer lives than in other machines.
    lives = BOUNDS.max_examples * 2 // 3
    run_state_machine_as_test(Machine, settings=settings(BOUNDS, max_examples=lives))
