"""What any page tells people to type exists: settings, commands with their options, and routes."""

import re
import shlex
from collections.abc import Iterator

import typer
from typer.core import TyperGroup

from tests.docs.pages import blocks, code_spans, pages
from tests.docs.reference import listed, page
from tidings.cli.app import app as commands
from tidings.settings import Settings

METHODS = r"GET|POST|PUT|PATCH|DELETE"
OWN_VARIABLES = {"TIDINGS_KEY"}
"""Of the reader's shell, in examples; so is whatever begins as those of our tests do."""
UNDESCRIBED = {"/problems/{}", "/notifications/ws", "/openapi.json", "/asyncapi.json"}
"""Routes that the API's own description leaves out."""


def test_every_setting_that_a_page_names_exists() -> None:
    known = {f"TIDINGS_{name.upper()}" for name in Settings.model_fields} | OWN_VARIABLES
    unknown = [
        f"{path.name}: {name}"
        for path in pages()
        for name in re.findall(r"\bTIDINGS_\w+[A-Z](?!\w|…)", path.read_text(encoding="utf-8"))
        if name not in known and not name.startswith("TIDINGS_TEST_")
    ]
    assert unknown == []


def test_every_command_that_a_page_names_exists_with_its_options() -> None:
    named = list(commands_on_pages())
    assert len(named) > 50
    assert [said for said in named if not is_command(said)] == []


def commands_on_pages() -> Iterator[str]:
    """Each `tidings …`, in scripts and within sentences."""
    for block in blocks():
        if block.words[0] == "bash":
            yield from re.findall(
                r"(?m)(?:^|\||\$\(|\b(?:until|do)\b|=\S*\s)\s*tidings ([a-z][^\n|&>);#]*)", block.text
            )
    for path in pages():
        for span in code_spans(path):
            if span.startswith("tidings ") and "…" not in span:
                yield span.removeprefix("tidings ")


def is_command(said: str) -> bool:
    """Whether it begins with the name of a command and has no options but its own."""
    words = shlex.split(said.replace("\\", " "))
    command = typer.main.get_command(commands)
    while isinstance(command, TyperGroup) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    said_options = [word.partition("=")[0] for word in words if word.startswith("-")]
    is_complete = not isinstance(command, TyperGroup) or words == said_options != []
    return is_complete and set(said_options) <= options


def test_every_route_that_a_page_names_exists() -> None:
    known = {shape(*route.split(" ", 1)) for route in listed(page("reference/permissions.md"), "route")}
    named = list(routes_on_pages())
    assert len(named) > 100
    assert [said for said in named if shape(*said) not in known and shape(*said)[1] not in UNDESCRIBED] == []


def routes_on_pages() -> Iterator[tuple[str, str]]:
    """Each `GET /users` within a sentence, and whatever a script asks with `curl`."""
    for path in pages():
        for span in code_spans(path):
            if found := re.fullmatch(rf"({METHODS}) (/\S+)", span):
                yield found[1], found[2]
    for block in blocks():
        if block.words[0] == "bash":
            for call in re.findall(r"\bcurl ((?:\\\n|[^\n|])*)", block.text):
                if found := re.search(r"/api/v1(/[^\s\"']+)", call):
                    yield method_of(call), found[1]


def method_of(call: str) -> str:
    """What `curl` uses: what it is told, or POST where it has something to send."""
    named = re.search(rf"-X ({METHODS})", call)
    return named[1] if named else "POST" if re.search(r"\s-[dF] ", call) else "GET"


def shape(method: str, path: str) -> tuple[str, str]:
    """A route with its varying parts made equal, and without what is asked of it."""
    path = path.removeprefix("/api/v1").partition("?")[0].partition("#")[0]
    return method, re.sub(r"\{[^}]*\}|\$\w+|<[^>]*>", "{}", path)
