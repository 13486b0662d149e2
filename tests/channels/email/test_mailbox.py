"""Mail that is kept because no server is set: whole, private, listed, and never without end."""

import os
import stat
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from structlog.testing import capture_logs

from tests.channels.email.mails import ADA, DELIVERY, SENDER, HandingOver, mail
from tests.channels.email.test_composing import HOSTILE
from tidings.channels.base import Address, Retry, Sent
from tidings.channels.email.composing import compose
from tidings.channels.email.mailbox import MailboxChannel, MailFolder


@pytest.fixture
def folder(tmp_path: Path) -> MailFolder:
    return MailFolder(tmp_path / "mail", keep=3)


async def test_a_kept_mail_can_be_listed_and_read(folder: MailFolder) -> None:
    letter = mail(subject="Grüße", text="Hallo\n\nAda", html="<p>Hallo</p>")
    outcome = await MailboxChannel(folder, sender=SENDER).send(letter, handing_over=HandingOver())
    assert outcome == Sent(f"{DELIVERY}.eml")
    (listed,) = folder.newest()
    assert (listed.delivery_id, listed.to, listed.subject) == (DELIVERY, "Ada <ada@example.net>", "Grüße")
    opened = folder.read(DELIVERY)
    assert opened is not None
    assert (opened.text, opened.html) == ("Hallo\n\nAda", "<p>Hallo</p>")
    assert ("Subject", "Grüße") in opened.headers
    assert opened.raw == compose(letter, sender=SENDER)


async def test_keeping_a_mail_is_never_silent(folder: MailFolder) -> None:
    kept = MailboxChannel(folder, sender=SENDER)
    with capture_logs() as logs:
        await kept.send(mail(), handing_over=HandingOver())
    assert "not sent" in logs[0]["event"]
    assert "not sent" in (await kept.check()).detail


def test_only_the_owner_may_read_it(folder: MailFolder) -> None:
    path = folder.keep(DELIVERY, b"Subject: x\r\n\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_the_newest_are_kept_and_a_repeat_replaces_itself(folder: MailFolder) -> None:
    ids = [uuid4() for _ in range(5)]
    for age, delivery_id in enumerate(ids):
        path = folder.keep(delivery_id, b"Subject: first\r\n\r\n")
        os.utime(path, (age, age))
    folder.keep(ids[3], b"Subject: again\r\n\r\n")
    assert [(kept.delivery_id, kept.subject) for kept in folder.newest()] == [
        (ids[3], "again"),
        (ids[4], "first"),
        (ids[2], "first"),
    ]
    assert len(list(folder.path.iterdir())) == 3


def test_other_files_are_left_alone(folder: MailFolder) -> None:
    folder.keep(DELIVERY, b"Subject: x\r\n\r\n")
    others = [folder.path / name for name in ("notes.eml", ".hidden.eml", "readme.txt")]
    for other in others:
        other.write_text("mine")
    for _ in range(5):
        folder.keep(uuid4(), b"Subject: x\r\n\r\n")
    assert len(folder.newest()) == 3
    assert all(other.exists() for other in others)


def test_an_empty_or_missing_folder_has_no_mail(folder: MailFolder) -> None:
    assert folder.newest() == []
    assert folder.read(UUID(int=1)) is None


async def test_a_full_disk_is_worth_another_try(tmp_path: Path) -> None:
    in_the_way = tmp_path / "mail"
    in_the_way.write_text("a file where the folder should be")
    outcome = await MailboxChannel(MailFolder(in_the_way), sender=SENDER).send(mail(), handing_over=HandingOver())
    assert isinstance(outcome, Retry)


@given(HOSTILE, HOSTILE)
def test_any_mail_that_can_be_composed_can_be_shown(
    tmp_path_factory: pytest.TempPathFactory, subject: str, name: str
) -> None:
    folder = MailFolder(tmp_path_factory.getbasetemp() / "hostile mail", keep=1)
    letter = mail(subject=subject, text=subject, html=name, to=Address(value=ADA.value, name=name))
    folder.keep(DELIVERY, compose(letter, sender=SENDER))
    assert len(folder.newest()) == 1
    assert folder.read(DELIVERY) is not None
