"""Every mail of the house as it looks, kept as files, so that a change of it is seen and meant.

`python -m tests.templates.golden`, from the root of the repository, writes them anew: look at the difference.
"""

from collections.abc import Iterator
from pathlib import Path

from tidings.accounts.types import Language
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.previewing import list_previews, render_preview
from tidings.notifications.types import Channel, TypeRegistry
from tidings.templates.letters import House

FOLDER = Path(__file__).with_name("golden")
HOUSE = House(url="https://tidings.example")
SHOWN = (Language.ENGLISH_US, Language.GERMAN, Language.CHINESE_SIMPLIFIED, Language.SLOVENIAN)
IN_EVERY_LANGUAGE = frozenset({"integration.token_expired", "letter.new_device"})
TYPES = TypeRegistry(BUILT_IN)


def mails() -> Iterator[tuple[str, Language]]:
    """Which mails are kept, each with a language."""
    for preview in list_previews(TYPES):
        if preview.channel is Channel.EMAIL:
            for language in Language if preview.name in IN_EVERY_LANGUAGE else SHOWN:
                yield preview.name, language


def files(name: str, language: Language) -> dict[str, bytes]:
    """The files of one mail, by their names: the subject and the text, and the HTML."""
    mail = render_preview(name, Channel.EMAIL, language, types=TYPES, house=HOUSE)
    return {
        f"{name}.{language.value}.txt": f"Subject: {mail.subject}\n\n{mail.text}".encode(),
        f"{name}.{language.value}.html": mail.html.encode(),
    }


def write() -> None:
    """Make the folder hold what is shown now, and nothing else."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for name, language in mails():
        for file, content in files(name, language).items():
            (FOLDER / file).write_bytes(content)


if __name__ == "__main__":
    write()
