"""Which text speaks: language before channel, and the type's own words last."""

from pathlib import Path

import pytest

from tests.templates.catalogues import write_catalogue
from tidings import NotificationType
from tidings.notifications.types import Channel
from tidings.templates.catalogue import BrokenCatalogue, Catalogue
from tidings.templates.inheritance import Part, fill_text, find_text
from tidings.templates.metering import MAX_WORK
from tidings.templates.render import MAX_RENDERED_LENGTH, TemplateFailed

PLAIN, BY_MAIL = "kind.order.shipped.title", "kind.order.shipped.email.title"


def shop(folder: Path, **texts: dict[str, str]) -> Catalogue:
    """A shop's catalogue."""
    for language, of_language in texts.items():
        write_catalogue(folder, language, [(key, (text,)) for key, text in of_language.items()])
    return Catalogue(folder)


def title(catalogue: Catalogue, language: str = "de", channel: str | None = "email") -> str | None:
    return find_text(catalogue, "order.shipped", "title", language=language, channel=channel)


ALL = {
    "de": {PLAIN: "Versandt", BY_MAIL: "Ihre Bestellung ist unterwegs"},
    "us": {PLAIN: "Shipped", BY_MAIL: "Your order is on its way"},
}


@pytest.mark.parametrize(
    ("lacking", "said"),
    [
        ([], "Ihre Bestellung ist unterwegs"),
        ([("de", BY_MAIL)], "Versandt"),
        ([("de", BY_MAIL), ("de", PLAIN)], "Your order is on its way"),
        ([("de", BY_MAIL), ("de", PLAIN), ("us", BY_MAIL)], "Shipped"),
        ([("de", BY_MAIL), ("de", PLAIN), ("us", BY_MAIL), ("us", PLAIN)], None),
    ],
)
def test_each_text_steps_back_for_the_next(tmp_path: Path, lacking: list[tuple[str, str]], said: str | None) -> None:
    left = {
        language: {key: text for key, text in texts.items() if (language, key) not in lacking}
        for language, texts in ALL.items()
    }
    assert title(shop(tmp_path, **left)) == said


def test_another_channel_has_the_text_for_all(tmp_path: Path) -> None:
    catalogue = shop(tmp_path, **ALL)
    assert (title(catalogue, channel="in_app"), title(catalogue, channel=None)) == ("Versandt", "Versandt")


def test_an_unknown_language_reads_english(tmp_path: Path) -> None:
    assert title(shop(tmp_path, **ALL), language="tlh") == "Your order is on its way"


def test_the_number_chooses_the_form_of_a_channels_text(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "sl", [(BY_MAIL, ("dan", "dneva", "dnevi", "dni"))])
    found = find_text(Catalogue(tmp_path), "order.shipped", "title", language="sl", channel="email", count=2)
    assert found == "dneva"


class TestTypes:
    """What a type declares."""

    DECLARED = NotificationType(
        "order.shipped",
        title="Shipped",
        message="It is on its way.",
        why="You ordered.",
        channel_texts={"email": {"title": "Your order", "button": "Follow it"}},
    )

    @pytest.mark.parametrize(
        ("part", "channel", "said"),
        [
            ("title", Channel.EMAIL, "Your order"),
            ("title", Channel.IN_APP, "Shipped"),
            ("title", None, "Shipped"),
            ("message", Channel.EMAIL, "It is on its way."),
            ("why", Channel.EMAIL, "You ordered."),
            ("button", Channel.EMAIL, "Follow it"),
            ("button", Channel.IN_APP, None),
        ],
    )
    def test_a_channel_may_have_words_of_its_own(self, part: Part, channel: Channel | None, said: str | None) -> None:
        assert self.DECLARED.template(part, "de", channel) == said

    def test_the_catalogue_comes_before_what_is_declared(self, tmp_path: Path) -> None:
        kind = NotificationType(
            "order.shipped",
            catalogue=shop(tmp_path, us={PLAIN: "Shipped"}),
            channel_texts={"email": {"title": "Your order", "message": "Soon."}},
        )
        assert kind.template("title", "de", Channel.EMAIL) == "Shipped"
        assert kind.template("message", "de", Channel.EMAIL) == "Soon."

    @pytest.mark.parametrize("texts", [{"pigeon": {"title": "Coo"}}, {"email": {"subject": "Coo"}}])
    def test_a_channel_or_part_that_does_not_exist_is_refused(self, texts: dict[str, dict[str, str]]) -> None:
        with pytest.raises(ValueError, match=r"order\.shipped: channel_texts knows no (pigeon|subject)"):
            NotificationType("order.shipped", channel_texts=texts)

    def test_a_type_can_still_be_a_member_of_a_set(self) -> None:
        assert hash(self.DECLARED)


class TestFailures:
    """What an author is told."""

    @pytest.mark.parametrize(
        ("template", "reason"),
        [
            ("{{ data.number }}", "there is no value 'number'"),
            ("{{ order }}", "there is no value 'order'"),
            ("one\n{% if %}", "line 2 cannot be read"),
            ("{% for x in range(100_000) %}{% for y in range(100_000) %}{% endfor %}{% endfor %}", "does more than"),
            (f"{{% for x in range({MAX_WORK}) %}}{{% endfor %}}", "does more than"),
            ("{{ data['a'] / 0 }}", "there is no value 'a'"),
            ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ],
    )
    def test_the_text_and_the_reason_are_named(self, template: str, reason: str) -> None:
        with pytest.raises(TemplateFailed) as failed:
            fill_text(template, {"data": {}}, key="order.shipped", part="title", channel="email", language="de")
        where = "The title of order.shipped for the channel email in the language de: "
        assert str(failed.value).startswith(where)
        assert reason in str(failed.value)

    def test_a_text_for_all_channels_says_so(self) -> None:
        with pytest.raises(TemplateFailed, match="The why of order for every channel in the language us"):
            fill_text("{{ x }}", {}, key="order", part="why", channel=None, language="us")

    def test_a_huge_text_is_cut_off(self) -> None:
        said = fill_text(
            "{% for i in range(5_000) %}0123456789{% endfor %}",
            {},
            key="a",
            part="title",
            channel=None,
            language="us",
        )
        assert len(said) == MAX_RENDERED_LENGTH

    @pytest.mark.parametrize("content", [b"nonsense\n", b'msgid "\xff"\nmsgstr ""\n'])
    def test_a_broken_file_is_named(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "de.po").write_bytes(content)
        with pytest.raises(BrokenCatalogue, match=r"^de\.po: "):
            title(Catalogue(tmp_path))
