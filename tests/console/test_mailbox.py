"""The development mailbox: every kept mail can be read, none can do harm, and nothing pretends to be there."""

import email
import email.policy
from uuid import uuid4

import pytest

from tests.console.conftest import Keeping
from tests.notifications.answers import refusal
from tests.world import Person, World
from tidings.kernel.http.headers import CONTENT_SECURITY_POLICY

ADDRESSES = ("", "/html", "/raw")


async def test_kept_mails_are_listed_newest_first(grace: Person, keep: Keeping) -> None:
    first, second = keep(subject="First"), keep(subject="Zweite Grüße")
    found = (await grace.client.get("/development/mails")).json()
    assert [(each["delivery_id"], each["subject"], each["to"]) for each in found["mails"]] == [
        (str(second.delivery_id), "Zweite Grüße", "Ada <ada@example.org>"),
        (str(first.delivery_id), "First", "Ada <ada@example.org>"),
    ]
    assert found["kept_at_most"] >= 2
    few = (await grace.client.get("/development/mails", params={"limit": 1})).json()
    assert [each["subject"] for each in few["mails"]] == ["Zweite Grüße"]


async def test_an_empty_mailbox_is_an_empty_list(grace: Person) -> None:
    assert (await grace.client.get("/development/mails")).json()["mails"] == []


async def test_a_mail_is_read_with_its_headers_text_and_html(grace: Person, keep: Keeping) -> None:
    mail = keep(html="<p>The <b>usual</b> place.</p>")
    found = (await grace.client.get(f"/development/mails/{mail.delivery_id}")).json()
    assert (found["text"], found["html"]) == ("The usual place.", "<p>The <b>usual</b> place.</p>")
    assert {"name": "Subject", "value": "Lunch?"} in found["headers"]
    assert {"name": "To", "value": "Ada <ada@example.org>"} in found["headers"]


async def test_a_mail_is_downloaded_as_it_was_made(grace: Person, keep: Keeping) -> None:
    mail = keep(html="<p>Hello</p>")
    answer = await grace.client.get(f"/development/mails/{mail.delivery_id}/raw")
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == f'attachment; filename="{mail.delivery_id}.eml"'
    parsed = email.message_from_bytes(answer.content, policy=email.policy.default)
    assert parsed["Subject"] == "Lunch?"


async def test_the_html_of_a_mail_stands_in_a_world_of_its_own(grace: Person, keep: Keeping) -> None:
    mail = keep(html="<!doctype html><p style='color:red'>Hello</p><script>alert(1)</script>")
    answer = await grace.client.get(f"/development/mails/{mail.delivery_id}/html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.lower().startswith("<!doctype html>")
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert policy["sandbox"].split() == ["allow-popups", "allow-popups-to-escape-sandbox"]
    assert (policy["form-action"], policy["base-uri"]) == ("'none'", "'none'")
    assert (policy["frame-ancestors"], policy["img-src"]) == ("'self'", "data:")


async def test_no_other_answer_is_weakened_by_that(grace: Person, keep: Keeping) -> None:
    mail = keep(html="<p>Hello</p>")
    for path in ("/development/mails", *(f"/development/mails/{mail.delivery_id}{part}" for part in ("", "/raw"))):
        answer = await grace.client.get(path)
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_mail_without_html_has_none(grace: Person, keep: Keeping) -> None:
    mail = keep()
    assert (await grace.client.get(f"/development/mails/{mail.delivery_id}")).json()["html"] is None
    assert refusal(await grace.client.get(f"/development/mails/{mail.delivery_id}/html")) == (404, "mail_not_found")


@pytest.mark.parametrize("part", ADDRESSES)
async def test_a_mail_that_is_not_kept_is_not_found(grace: Person, part: str) -> None:
    assert refusal(await grace.client.get(f"/development/mails/{uuid4()}{part}")) == (404, "mail_not_found")


@pytest.mark.parametrize("name", ["..%2Fsecret_keys", "secret_keys", "..%2F..%2Fetc%2Fpasswd"])
async def test_no_other_file_can_be_asked_for(grace: Person, keep: Keeping, name: str) -> None:
    keep()
    assert refusal(await grace.client.get(f"/development/mails/{name}/raw"))[0] in {404, 422}


@pytest.mark.parametrize(
    "path", ["", *(f"/{uuid4()}{part}" for part in ADDRESSES)], ids=["list", "mail", "html", "raw"]
)
async def test_where_mail_is_sent_there_is_no_mailbox(world: World, grace: Person, path: str) -> None:
    world.tidings.app.state.mail_folder = None
    answer = await grace.client.get(f"/development/mails{path}")
    assert refusal(answer) == (404, "mailbox_not_used")
    assert "TIDINGS_SMTP_URL" in answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["", *(f"/{uuid4()}{part}" for part in ADDRESSES)], ids=["list", "mail", "html", "raw"]
)
async def test_nobody_but_an_operator_reads_it(world: World, ada: Person, path: str) -> None:
    assert refusal(await ada.client.get(f"/development/mails{path}")) == (403, "forbidden")
    assert refusal(await world.client().get(f"/development/mails{path}")) == (401, "not_authenticated")
