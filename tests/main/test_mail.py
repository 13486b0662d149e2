"""Where mail goes, as the settings say."""

from pathlib import Path

import pytest

from tests.conftest import TEST_KEYS
from tidings import Tidings
from tidings.main.channels import channel_setups
from tidings.main.mail import mail_service
from tidings.outbox.gates import Rate
from tidings.settings import Settings, SettingsError

SMTP_URL = "smtp://ada:sesame-street@mail.example.org:587"


def configured(path: Path, **settings: object) -> Settings:
    return Settings.model_validate({"data_dir": path, "secret_keys": TEST_KEYS, **settings})


async def test_without_a_server_mail_is_kept_in_the_data_folder(tmp_path: Path) -> None:
    service = mail_service(configured(tmp_path))
    assert service.folder is not None
    assert (service.folder.path, service.provider) == (tmp_path / "mails", "mailbox")
    assert "TIDINGS_SMTP_URL is not set" in (await service.channel.check()).detail


def test_with_a_server_nothing_is_kept(tmp_path: Path) -> None:
    service = mail_service(configured(tmp_path, smtp_url=SMTP_URL))
    assert (service.folder, service.provider) == (None, "mail.example.org")


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        ({"base_url": "https://tidings.example.org/app"}, "tidings@tidings.example.org"),
        ({"base_url": "http://192.0.2.7:8400"}, "tidings@localhost"),
        ({"base_url": "http://[2001:db8::1]:8400"}, "tidings@localhost"),
        ({"mail_from": "News <news@example.org>"}, "news@example.org"),
    ],
)
def test_the_sender(tmp_path: Path, settings: dict[str, str], sender: str) -> None:
    service = mail_service(configured(tmp_path, **settings))
    assert service.sender.value == sender


@pytest.mark.parametrize(
    "settings",
    [
        {"smtp_url": "http://ada:sesame-street@mail.example.org"},
        {"smtp_url": "smtp://ada:sesame-street@mail.example.org:smtp"},
        {"smtp_url": "smtp://ada:sesame-street@mail.example.org?tls=off"},
        {"mail_from": "two@example.org, senders@example.org"},
        {"mail_from": "nobody"},
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_without_the_password(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with pytest.raises(SettingsError, match=f"TIDINGS_{next(iter(settings)).upper()}: ") as refusal:
        Tidings(settings=configured(tmp_path, **settings))
    assert "sesame" not in str(refusal.value)


def test_the_password_is_never_shown(tmp_path: Path) -> None:
    settings = configured(tmp_path, smtp_url=SMTP_URL)
    assert "sesame" not in f"{settings!r} {settings} {Tidings(settings=settings).mail!r}"


def test_a_worker_sends_no_more_at_once_than_there_are_connections(tmp_path: Path) -> None:
    settings = configured(tmp_path, smtp_url=SMTP_URL, smtp_connections=7, smtp_per_minute=30)
    (email,) = [each for each in channel_setups(settings, mail_service(settings)) if each.name == "email"]
    assert (email.concurrency, email.rate) == (7, Rate(0.5))


def test_no_rate_is_kept_unless_asked_for(tmp_path: Path) -> None:
    settings = configured(tmp_path, smtp_url=SMTP_URL)
    assert all(each.rate is None for each in channel_setups(settings, mail_service(settings)))
