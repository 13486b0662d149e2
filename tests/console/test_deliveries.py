"""What operators see of what was sent, and the second chance they give to what was not."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.console.conftest import Sending
from tests.console.office import DEAD
from tests.notifications.answers import pointers, refusal
from tests.world import BASE_URL, Person, World
from tidings import Tidings
from tidings.accounts.types import Scope
from tidings.kernel.bindings import bind, bound
from tidings.notifications.rules import Rules
from tidings.outbox.types import NOBODY, DeliveryState
from tidings.realtime.doorbell import Chime, DeliveriesDue


async def listed(operator: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    answer = await operator.get("/deliveries", params=query)
    assert answer.status_code == 200, answer.text
    deliveries: list[dict[str, Any]] = answer.json()["deliveries"]
    return deliveries


def ids(deliveries: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for each in deliveries]


async def test_an_operator_sees_who_was_sent_what_and_how_it_went(ada: Person, grace: Person, send: Sending) -> None:
    entry = await ada.receives("message", title="Lunch?", channels=["in_app"])
    sent = await send(ada, notification_id=UUID(entry["id"]), record=DEAD)
    (found,) = await listed(grace.client)
    assert found["id"] == str(sent.id)
    assert found["recipient"] == {"id": str(ada.id), "name": "Ada", "username": "ada", "external_id": "ada"}
    assert (found["type"], found["title"]) == ("message", "Lunch?")
    assert (found["state"], found["last_error"], found["attempts"][0]["outcome"]) == ("dead", "550 no", "refused")


async def test_a_delivery_for_nobody_shows_its_destination(grace: Person, send: Sending) -> None:
    await send(user_id=NOBODY, kind="account", destination="new@example.org")
    (found,) = await listed(grace.client)
    assert (found["recipient"], found["type"], found["title"]) == (None, None, None)
    assert found["destination"] == "new@example.org"


async def test_what_a_delivery_carries_is_never_shown(grace: Person, send: Sending) -> None:
    sent = await send(grace, payload={"token": "planted-secret"})
    for answer in (
        await grace.client.get("/deliveries"),
        await grace.client.post(f"/deliveries/{sent.id}/cancel"),
        await grace.client.post(f"/deliveries/{sent.id}/retry"),
    ):
        assert answer.status_code == 200
        assert "planted-secret" not in answer.text


async def test_the_list_goes_on_where_its_page_ended(ada: Person, grace: Person, send: Sending) -> None:
    sent = [await send(ada) for _ in range(3)]
    first = await grace.client.get("/deliveries", params={"page_size": 2, "channel": "email"})
    assert ids(first.json()["deliveries"]) == [str(sent[2].id), str(sent[1].id)]
    following = await grace.client.get(BASE_URL + first.links["next"]["url"])
    assert ids(following.json()["deliveries"]) == [str(sent[0].id)]
    assert following.json()["next_cursor"] is None
    assert "link" not in following.headers
    foreign = await grace.client.get("/deliveries", params={"cursor": first.json()["next_cursor"]})
    assert refusal(foreign) == (422, "invalid_cursor")


async def test_the_list_is_filtered_by_state_channel_and_person(ada: Person, grace: Person, send: Sending) -> None:
    failed = await send(ada, record=DEAD)
    push = await send(ada, channel="push")
    other = await send(grace)
    assert ids(await listed(grace.client, state="dead")) == [str(failed.id)]
    assert ids(await listed(grace.client, channel="push")) == [str(push.id)]
    assert ids(await listed(grace.client, user_id=str(grace.id))) == [str(other.id)]
    assert ids(await listed(grace.client, user_id="ada", channel="email")) == [str(failed.id)]
    assert await listed(grace.client, user_id=str(uuid4())) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "lost"}, (422, "invalid_request")),
        ({"channel": "pigeon"}, (422, "invalid_request")),
        ({"user_id": ""}, (422, "invalid_request")),
        ({"user_id": "nobody-knows"}, (404, "user_not_found")),
        ({"cursor": "made-up"}, (422, "invalid_cursor")),
        ({"page_size": "101"}, (422, "invalid_request")),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    grace: Person, query: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = await grace.client.get("/deliveries", params=query)
    assert refusal(answer) == expected
    if expected[1] == "invalid_request":
        assert pointers(answer) == [f"/query/{name}" for name in query]


async def test_what_failed_is_sent_again_at_once(
    tidings: Tidings, world: World, ada: Person, grace: Person, send: Sending
) -> None:
    failed = await send(ada, record=DEAD)
    world.clock.advance(hours=3)
    heard = hears(tidings)
    answer = await grace.client.post(f"/deliveries/{failed.id}/retry")
    assert answer.status_code == 200
    again = answer.json()
    assert (again["state"], again["attempt"], again["last_error"]) == ("scheduled", 0, None)
    assert again["due_at"] == world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert again["attempts"] == DEAD["attempts"]
    assert again["recipient"]["username"] == "ada"
    assert heard == [DeliveriesDue()]


async def test_what_waits_is_cancelled_and_repeating_it_changes_nothing(
    ada: Person, grace: Person, send: Sending
) -> None:
    waiting = await send(ada)
    for _ in range(2):
        answer = await grace.client.post(f"/deliveries/{waiting.id}/cancel")
        assert (answer.status_code, answer.json()["state"], answer.json()["reason"]) == (200, "cancelled", "cancelled")


@pytest.mark.parametrize(
    ("state", "verb", "code"),
    [
        (DeliveryState.SENT, "retry", "delivery_not_retryable"),
        (DeliveryState.SCHEDULED, "retry", "delivery_not_retryable"),
        (DeliveryState.SENT, "cancel", "delivery_not_cancellable"),
        (DeliveryState.DEAD, "cancel", "delivery_not_cancellable"),
    ],
)
async def test_what_cannot_be_done_is_refused_and_nothing_rings(
    tidings: Tidings, ada: Person, grace: Person, send: Sending, state: DeliveryState, verb: str, code: str
) -> None:
    sent = await send(ada, record={"state": state})
    heard = hears(tidings)
    assert refusal(await grace.client.post(f"/deliveries/{sent.id}/{verb}")) == (409, code)
    assert (await listed(grace.client))[0]["state"] == state
    assert heard == []


@pytest.mark.parametrize("verb", ["retry", "cancel"])
async def test_a_delivery_that_does_not_exist_is_not_found(grace: Person, verb: str) -> None:
    assert refusal(await grace.client.post(f"/deliveries/{uuid4()}/{verb}")) == (404, "delivery_not_found")


async def test_what_an_operator_did_stands_in_the_audit_log(ada: Person, grace: Person, send: Sending) -> None:
    waiting, failed = await send(ada), await send(user_id=NOBODY, destination="new@example.org", record=DEAD)
    await grace.client.post(f"/deliveries/{waiting.id}/cancel")
    await grace.client.post(f"/deliveries/{failed.id}/retry")
    entries = (await grace.client.get("/audit-log")).json()["entries"]
    found = [(each["action"], each["actor_id"], each["target_id"], each["detail"]) for each in entries[:2]]
    assert found == [
        ("delivery.retried", str(grace.id), None, {"delivery_id": str(failed.id)}),
        ("delivery.cancelled", str(grace.id), str(ada.id), {"delivery_id": str(waiting.id)}),
    ]


async def test_a_key_with_the_scope_admin_is_an_operator_and_no_other(world: World, ada: Person, send: Sending) -> None:
    sent = await send(ada)
    operator, app = await world.make_app(Scope.ADMIN), world.app
    assert ids(await listed(operator.client)) == [str(sent.id)]
    assert refusal(await app.client.get("/deliveries")) == (403, "insufficient_scope")
    assert refusal(await ada.client.get("/deliveries")) == (403, "forbidden")
    assert refusal(await ada.client.post(f"/deliveries/{sent.id}/cancel")) == (403, "forbidden")


def hears(tidings: Tidings) -> list[Chime]:
    """From now on, everything that is rung."""
    heard: list[Chime] = []

    def ring(chimes: Sequence[Chime]) -> None:
        heard.extend(chimes)

    bind(tidings.database.engine, replace(bound(tidings.database.sessions(), Rules), ring=ring))
    return heard
