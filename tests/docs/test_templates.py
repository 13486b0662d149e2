"""The reference of texts lists what there is."""

from urllib.parse import urlsplit

from tests.docs.reference import listed, page, under
from tidings.accounts.letters import LETTERS, SAMPLES, Reader
from tidings.notifications.types import CHANNEL_PARTS
from tidings.templates.letters import House

TEMPLATES = page("reference/templates.md")


def test_every_letter_and_where_it_leads() -> None:
    house = House(url="https://tidings.example")
    buttons = {name: letter(Reader(house=house), **SAMPLES[name]).button for name, letter in LETTERS.items()}
    said = {name: row["leads to"].removesuffix("?token=…") for name, row in listed(TEMPLATES, "letter").items()}
    assert said == {name: urlsplit(button.url).path if button else "" for name, button in buttons.items()}


def test_every_part() -> None:
    assert under(TEMPLATES, "part")["Which text speaks"] == CHANNEL_PARTS | {"why"}
