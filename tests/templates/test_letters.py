"""Letters: two bodies that say the same, whatever they hold."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.templates.documents import Document
from tidings.channels.base import Address
from tidings.channels.email.composing import Mail, compose
from tidings.templates.letters import Button, House, Letter, Rendered, button_to, default_label, write_letter
from tidings.templates.plain import WIDTH

HOUSE = House(url="https://tidings.example")
LETTER = Letter(
    language="de",
    subject="Bestellung versandt",
    body="Ihre **Bestellung** ist unterwegs.\nSie kommt *morgen*.\n\nDie Nummer ist `17`, [hier](/orders/17) zu sehen.",
    greeting="Guten Tag Ada,",
    button=Button(label="Verfolgen", url="https://shop.example/orders/17?a=1&b=2"),
    why="Sie haben bestellt.",
    unsubscribe_url="https://tidings.example/u/1",
    preferences_url="https://tidings.example/preferences",
    facts=(("Gewicht", "2 kg"), ("Farbe", "blau")),
)
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="<>\"'&;/!-=%{}#[]()*_`\\ \n\t\0abx" + TURNING),
    st.sampled_from(
        [
            "</title><script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "<!-- --><![CDATA[",
            "<!--% if x %-->{{ 7 * 7 }}{% for x in y %}",
            "<![endif]-->",
            "</td></tr></table>",
            "javascript:alert(1)",
            "&lt;b&gt; &amp;amp;",
        ]
    ),
)


def written(**changes: Any) -> Rendered:  # Any: fields of a letter by their names
    """The letter to Ada, with these changes."""
    return write_letter(replace(LETTER, **changes), house=HOUSE)


def read(**changes: Any) -> Document:
    return Document(written(**changes).html)


def test_the_text_says_everything_and_writes_links_out() -> None:
    assert written().text == (
        "Guten Tag Ada,\n\nIhre Bestellung ist unterwegs.\nSie kommt morgen.\n\n"
        "Die Nummer ist 17, hier (https://tidings.example/orders/17) zu sehen.\n\n"
        "Gewicht: 2 kg\nFarbe: blau\n\nVerfolgen:\nhttps://shop.example/orders/17?a=1&b=2\n\n"
        "-- \nWarum Sie diese E-Mail erhalten: Sie haben bestellt.\n"
        "Benachrichtigungen auswählen:\nhttps://tidings.example/preferences\n"
        "Diese Art von E-Mails abbestellen:\nhttps://tidings.example/u/1\n"
        "Gesendet von Tidings:\nhttps://tidings.example\n"
    )


def test_the_html_says_the_same() -> None:
    shown = read().text
    words = re.findall(r"[^\s():]+", re.sub(r"https://\S+|-- ", "", written().text))
    assert [word for word in words if word not in shown] == []


def test_the_links_are_those_of_the_letter() -> None:
    assert read().links == [
        "https://tidings.example/orders/17",
        "https://shop.example/orders/17?a=1&b=2",
        "https://shop.example/orders/17?a=1&b=2",
        "https://tidings.example/preferences",
        "https://tidings.example/u/1",
        "https://tidings.example",
    ]


def test_a_letter_may_be_short() -> None:
    short = write_letter(Letter(language="us", subject="Hello", body="World"), house=HOUSE)
    assert short.text == "World\n\n-- \nSent by Tidings:\nhttps://tidings.example\n"
    assert Document(short.html).links == ["https://tidings.example"]


def test_nothing_is_fetched_and_nothing_runs() -> None:
    document = read()
    names = {name for _, name, _ in document.attributes}
    assert {tag for tag, _ in document.shape}.isdisjoint({"img", "link", "script", "iframe", "form", "base", "svg"})
    assert names.isdisjoint({"src", "srcset", "background", "onload"})
    assert not any("url(" in value or "@import" in value for _, _, value in document.attributes)
    assert not any("url(" in style or "@import" in style for style in document.styles)


def test_styles_stand_in_the_elements_for_clients_that_know_no_others() -> None:
    plain = [tag for tag, names in read().shape if tag in {"p", "h1", "a", "th"} and "style" not in names]
    assert plain == []


def test_dark_mode_is_told_and_kept() -> None:
    document = read()
    assert ("meta", "content", "light dark") in document.attributes
    (style,) = document.styles
    assert "prefers-color-scheme: dark" in style


def test_it_fits_a_phone_and_is_no_wider_than_600_pixels() -> None:
    attributes = read().attributes
    card = next(value for tag, _, value in attributes if tag == "table" and "max-width" in value)
    assert ("width: 100%" in card, "max-width: 600px" in card) == (True, True)
    assert {value for _, name, value in attributes if name == "width"} == {"100%"}


@pytest.mark.parametrize(
    ("language", "tag"), [("de", "de"), ("cn", "zh-Hans"), ("pt", "pt-PT"), ("us", "en-US"), ("klingon", "en-US")]
)
def test_the_language_is_named(language: str, tag: str) -> None:
    document = read(language=language)
    assert ("html", "lang", tag) in document.attributes
    assert ("html", "dir", "ltr") in document.attributes


def test_an_unknown_language_reads_english() -> None:
    assert "Why you get this: Sie haben bestellt." in written(language="klingon").text


def test_the_first_words_stand_beside_the_subject_in_a_list_of_mails() -> None:
    assert read().text.startswith("Bestellung versandt Ihre Bestellung ist unterwegs. Sie kommt morgen.")


@pytest.mark.parametrize("url", ["/orders/17", "javascript:alert(1)", "mailto:ada@example.org", "", "https://"])
def test_a_button_leads_to_a_web_address(url: str) -> None:
    with pytest.raises(ValueError, match="absolute http or https"):
        Button(label="Go", url=url)
    with pytest.raises(ValueError, match="absolute http or https"):
        replace(LETTER, unsubscribe_url=url or "x")


def test_a_button_to_wherever_somebody_chose() -> None:
    assert button_to("Go", "/orders/17", house=HOUSE) == Button(label="Go", url="https://tidings.example/orders/17")
    assert button_to("Go", "javascript:alert(1)", house=HOUSE) is None
    assert button_to("Go", "mailto:ada@example.org", house=HOUSE) is None


def test_a_button_without_a_label_has_that_of_the_house() -> None:
    assert (default_label("sl"), default_label("us")) == ("Odpri", "Open")


def test_lines_are_short_where_words_allow_it() -> None:
    address = "https://shop.example/" + "a" * 100
    text = written(body="word " * 100 + address, why="why " * 40).text
    assert max(len(line) for line in text.split("\n") if "https://" not in line) <= WIDTH
    assert address in text.split("\n")


def test_a_long_message_is_there_in_full() -> None:
    body = " ".join(f"word{number}" for number in range(600))[:4_000]
    both = written(body=body)
    assert (body in Document(both.html).text, body in " ".join(both.text.split())) == (True, True)


def test_emoji_alone_are_a_letter() -> None:
    both = written(subject="🎉", body="🎉🎉👩‍🚀", greeting=None)
    assert (both.subject, both.text[:6]) == ("🎉", "🎉🎉👩‍🚀\n")
    assert "🎉🎉👩‍🚀" in Document(both.html).text


def test_controls_are_left_out() -> None:
    both = written(
        subject="a\r\nBcc: eve@example.org\0\x1b[31m", body="x\x00y\x07\u0085z\u2028w", greeting="Hello\nAda"
    )
    assert both.subject == "a Bcc: eve@example.org[31m"
    assert both.text.startswith("Hello Ada\n\nxy\nz\nw\n")
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", both.html)


def test_half_a_character_becomes_a_mark_of_its_absence() -> None:
    assert written(greeting="Ada \ud83d", body="x \udc00").text.startswith("Ada \ufffd\n\nx \ufffd\n")


@pytest.mark.parametrize("field", ["subject", "body", "greeting", "why"])
def test_no_name_turns_the_reading_direction_of_what_follows(field: str) -> None:
    both = written(**{field: f"Ada{TURNING} moc.live"})
    assert not re.search(f"[{TURNING}]", both.subject + both.text + both.html)
    assert "Ada moc.live" in both.text + both.subject


def test_arabic_stays_as_it_is() -> None:
    assert "مرحبا \u200fAda" in Document(written(greeting="مرحبا \u200fAda").html).text


@settings(deadline=None)
@given(subject=HOSTILE, greeting=HOSTILE, why=HOSTILE, label=HOSTILE, fact=HOSTILE, name=HOSTILE)
def test_hostile_values_leave_the_shape_of_a_letter_alone(
    subject: str, greeting: str, why: str, label: str, fact: str, name: str
) -> None:
    hostile = replace(
        LETTER,
        subject=f"x{subject}",
        greeting=f"x{greeting}",
        why=f"x{why}",
        button=Button(label=f"x{label}", url="https://shop.example/orders/17?a=1&b=2"),
        facts=((f"x{label}", f"x{fact}"), (fact, label)),
    )
    shown = Document(write_letter(hostile, house=replace(HOUSE, name=f"x{name}")).html)
    usual = read()
    assert (shown.shape, shown.links, shown.comments) == (usual.shape, usual.links, usual.comments)
    assert (shown.styles, shown.open) == (usual.styles, usual.open)


@settings(deadline=None)
@given(body=HOSTILE)
def test_a_hostile_message_is_text_with_marks_and_nothing_else(body: str) -> None:
    shown, usual = read(body=f"x{body}"), read(body="x")
    added = list(shown.shape)
    for each in usual.shape:
        added.remove(each)
    assert {tag for tag, _ in added} <= {"p", "br", "code", "strong", "em", "a"}
    assert {names for tag, names in added if tag == "a"} <= {("class", "href", "style")}
    assert all(link.startswith(("https:", "http:", "mailto:")) for link in shown.links)
    assert shown.comments == usual.comments


@settings(deadline=None)
@given(target=HOSTILE)
def test_a_button_to_a_hostile_address_is_a_web_address_or_none(target: str) -> None:
    button = button_to("Go", target, house=HOUSE)
    if button is not None:
        shown = read(button=button)
        assert button.url in shown.links
        assert re.fullmatch(r"https?://[!#-;=?-~]+", button.url)
        assert shown.shape == read().shape


@settings(deadline=None)
@given(subject=HOSTILE, body=HOSTILE, greeting=HOSTILE)
def test_any_letter_can_be_sent(subject: str, body: str, greeting: str) -> None:
    both = written(subject=subject, body=body, greeting=greeting)
    mail = Mail(
        delivery_id=UUID(int=7),
        to=Address(value="ada@example.org"),
        date=datetime(2026, 3, 9, tzinfo=UTC),
        subject=both.subject,
        text=both.text,
        html=both.html,
    )
    head, _, rest = compose(mail, sender=Address(value="tidings@example.org")).partition(b"\r\n\r\n")
    assert b"\nBcc:" not in head
    assert max(map(len, rest.split(b"\r\n"))) <= 76
