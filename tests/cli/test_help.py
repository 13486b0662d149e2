"""Every command explains itself."""

from collections.abc import Iterator

import pytest
import typer

from tests.cli.terminal import Terminal
from tidings import __version__
from tidings.cli.app import app


def commands(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and group of commands, by the words that lead to it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = list(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_a_command_explains_itself(empty_terminal: Terminal, path: tuple[str, ...], option: str) -> None:
    shown = empty_terminal.run(*path, option)
    assert shown.code == 0
    assert "Usage:" in shown.out


@pytest.mark.parametrize("path", [(), ("user",), ("key",)], ids=" ".join)
def test_a_group_alone_lists_what_it_has(empty_terminal: Terminal, path: tuple[str, ...]) -> None:
    shown = empty_terminal.run(*path)
    assert "Commands" in shown.out + shown.err


def test_asking_for_help_makes_nothing(empty_terminal: Terminal) -> None:
    empty_terminal.does("serve", "--help")
    assert list(empty_terminal.data_dir.iterdir()) == []


def test_the_version_is_the_packages(empty_terminal: Terminal) -> None:
    assert empty_terminal.does("--version").out.strip() == __version__


def test_a_command_there_is_not_is_refused(empty_terminal: Terminal) -> None:
    assert empty_terminal.run("dance").code == 2
