"""Every text can be looked at before anybody is sent one."""

import pytest

from tests.templates.documents import Document
from tidings import NotificationType
from tidings.accounts.letters import LETTERS
from tidings.accounts.types import Language
from tidings.notifications.errors import TextNotRendered
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.previewing import Preview, PreviewNotFound, list_previews, render_preview
from tidings.notifications.types import Channel, TypeRegistry
from tidings.templates.letters import House, Rendered

HOUSE = House(url="https://tidings.example")
OWN = NotificationType("order.shipped", title="Order {{ data.number }} shipped", variables=("number",))
WORDLESS = NotificationType("order.lost")
BROKEN = NotificationType("order.broken", title="Order {{ data.number | number }}", variables=("number",))
FOLLOWED = NotificationType(
    "order.sent",
    title="Sent",
    variables=("number",),
    channel_texts={"email": {"button": "Follow {{ data.number }}"}},
)
LOST = NotificationType("order.unknown", title="?", channel_texts={"email": {"button": "Follow {{ data.number }}"}})
TYPES = TypeRegistry([*BUILT_IN, OWN, WORDLESS, BROKEN, FOLLOWED, LOST])


def shown(name: str, channel: Channel = Channel.EMAIL, language: Language = Language.ENGLISH_US) -> Rendered:
    return render_preview(name, channel, language, types=TYPES, house=HOUSE)


def test_everything_is_listed() -> None:
    listed = list_previews(TYPES)
    types = [Preview(kind.key, "type", channel) for kind in TYPES for channel in (Channel.IN_APP, Channel.EMAIL)]
    assert list(listed) == types + [Preview(f"letter.{name}", "letter", Channel.EMAIL) for name in LETTERS]


@pytest.mark.parametrize("language", Language)
def test_everything_that_is_listed_can_be_shown(language: Language) -> None:
    for preview in list_previews(TypeRegistry(BUILT_IN)):
        said = shown(preview.name, preview.channel, language)
        assert said.subject
        assert "{{" not in said.subject + said.text
        assert bool(said.html) == (preview.channel is Channel.EMAIL)


def test_a_type_is_shown_in_the_inbox_as_its_reader_sees_it() -> None:
    said = shown("level_up", Channel.IN_APP, Language.GERMAN)
    assert (said.subject, said.text) == (
        "Sie haben Level 12 erreicht",
        "Herzlichen Glückwunsch! Freigeschaltet: a badge und a new map.",
    )


def test_a_mail_has_the_button_of_its_type() -> None:
    document = Document(shown("integration.token_expired", language=Language.SPANISH).html)
    assert "Volver a conectar" in document.text
    assert "https://tidings.example/connections" in document.links


def test_a_button_is_a_template_too() -> None:
    assert "Follow ‹number›" in shown("order.sent").text
    with pytest.raises(TextNotRendered, match=r"The button of order\.unknown .* there is no value 'number'"):
        shown("order.unknown")


def test_a_required_type_cannot_be_unsubscribed_from() -> None:
    links = [Document(shown(name).html).links for name in ("account.security", "account.export_ready")]
    assert [any("unsubscribe" in link for link in each) for each in links] == [False, True]


def test_a_hosts_type_shows_the_names_of_its_values() -> None:
    assert shown("order.shipped").subject == "Order ‹number› shipped"
    assert shown("order.lost", Channel.IN_APP).subject == "‹order.lost›"


def test_a_text_that_cannot_take_a_made_up_value_says_so() -> None:
    with pytest.raises(TextNotRendered, match="not a number"):
        shown("order.broken")


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("nothing", Channel.EMAIL),
        ("letter.nothing", Channel.EMAIL),
        ("letter.approved", Channel.IN_APP),
        ("level_up", Channel.PUSH),
        ("", Channel.EMAIL),
    ],
)
def test_what_is_not_listed_is_not_found(name: str, channel: Channel) -> None:
    with pytest.raises(PreviewNotFound):
        shown(name, channel)
