"""The reference lists everything there is, and nothing there is not."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from tests.docs.reference import headings, listed, page, tables, under
from tidings import Tidings
from tidings.accounts.audit.types import AuditAction
from tidings.accounts.password_words import ADVICE, FAULTS
from tidings.accounts.server_settings.reading import default_settings
from tidings.accounts.server_settings.schemas import ServerSettingsPut
from tidings.accounts.types import Scope
from tidings.cli.app import app as commands
from tidings.kernel.errors import error_classes
from tidings.notifications.asyncapi import CLOSE_CODES, asyncapi_document
from tidings.notifications.kinds import BUILT_IN
from tidings.notifications.plan import ChannelSwitches, Decision, Facts, Wish, plan
from tidings.notifications.types import Channel, NotificationType, Reason, Verdict
from tidings.realtime.ports import ResetReason
from tidings.realtime.types import CloseCode
from tidings.settings import Settings
from tidings.web.description import openapi_document

API = "/api/v1"
STREAMS = page("reference/streams.md")
REASONS = page("reference/reasons.md")
GIVEN = "Reasons this release gives"
EXPLAINED = {Reason.SUPERSEDED, Reason.NOT_A_RECIPIENT, Reason.CANCELLED}
"""Reasons that no plan gives: the explanation of an event finds them."""


def test_every_setting() -> None:
    assert set(listed(page("reference/settings.md"), "setting")) == {
        f"TIDINGS_{name.upper()}" for name in Settings.model_fields
    }


def test_the_default_of_every_setting() -> None:
    said = {name: row["default"] for name, row in listed(page("reference/settings.md"), "setting").items()}
    assert said == {f"TIDINGS_{name.upper()}": shown(field.default) for name, field in Settings.model_fields.items()}


def shown(default: object) -> str:
    return "" if default in ("", ()) else str(default)


def test_every_server_setting_and_its_default() -> None:
    said = listed(page("reference/server-settings.md"), "server setting")
    assert {name: row["default"] for name, row in said.items()} == {
        name: str(getattr(default_settings(), name)) for name in ServerSettingsPut.model_fields
    }


def test_every_action_of_the_audit_log() -> None:
    assert set(listed(page("reference/audit.md"), "action")) == set(AuditAction)


def test_every_error() -> None:
    assert set(listed(page("errors.md"), "code")) == {error.code for error in error_classes()}


def test_everything_that_is_said_of_a_password() -> None:
    assert set(listed(page("errors.md"), "fault")) == set(FAULTS)
    assert set(listed(page("errors.md"), "advice")) == set(ADVICE)


def test_the_status_of_every_error() -> None:
    said = {code: row["status"] for code, row in listed(page("errors.md"), "code").items()}
    assert {error.code: said.get(error.code) for error in error_classes()} == {
        error.code: str(error.status) for error in error_classes()
    }


def test_every_built_in_type() -> None:
    said = listed(page("reference/types.md"), "type")
    assert {key: told(row) for key, row in said.items()} == {kind.key: declared(kind) for kind in BUILT_IN}


def told(row: dict[str, str]) -> list[str]:
    return [row[column] for column in ("code", "category", "priority", "channels", "text", "variables")]


def declared(kind: NotificationType) -> list[str]:
    channels, variables = ", ".join(kind.channels), ", ".join(kind.variables)
    return [str(kind.code), kind.category, kind.priority, channels, "yes" if kind.title else "no", variables]


def test_the_required_types() -> None:
    said = page("reference/types.md").read_text(encoding="utf-8")
    assert [kind.key for kind in BUILT_IN if kind.required] == ["account.security"]
    assert "`account.security` is required" in said


def test_every_channel() -> None:
    assert set(listed(page("reference/channels.md"), "channel")) == set(Channel)


def test_every_verdict() -> None:
    assert set(listed(REASONS, "verdict")) == set(Verdict)


def test_every_reason() -> None:
    assert set(listed(REASONS, "reason")) == set(Reason)


def test_the_reasons_that_are_given() -> None:
    assert under(REASONS, "reason")[GIVEN] == {decision.reason for decision in every_decision()} | EXPLAINED


def every_decision() -> Iterator[Decision]:
    """What the plan says in every case that it tells apart."""
    on_off = [True, False]
    for default, requested, required, reachable, by_channel, by_type, set_up in product(
        on_off, [None, True, False], on_off, on_off, on_off, on_off, on_off
    ):
        channels = frozenset({Channel.IN_APP})
        wish = Wish(
            "news",
            channels if default else frozenset(),
            None if requested is None else channels if requested else frozenset(),
            required,
        )
        switches = ChannelSwitches({Channel.IN_APP: by_channel}, {"news": {Channel.IN_APP: by_type}})
        facts = Facts(is_reachable=reachable, switches=switches)
        yield from plan(wish, facts, channels_set_up=channels if set_up else frozenset())


def test_every_scope() -> None:
    assert set(listed(page("reference/permissions.md"), "scope")) == set(Scope)


def test_every_route_and_its_policy(tmp_path: Path) -> None:
    said = {route: row["policy"] for route, row in listed(page("reference/permissions.md"), "route").items()}
    assert said == dict(routes(tmp_path))


def test_every_policy(tmp_path: Path) -> None:
    said = under(page("reference/permissions.md"), "policy")["Policies"]
    assert said == set(dict(routes(tmp_path)).values())


def routes(data_dir: Path) -> Iterator[tuple[str, str]]:
    app = Tidings(settings=Settings(data_dir=data_dir)).app
    for path, operations in openapi_document(app)["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path.removeprefix(API)}", operation["x-policy"]


def test_every_close_code() -> None:
    assert set(listed(STREAMS, "code")) == {str(code.value) for code in CloseCode}


def test_the_description_of_the_streams_knows_no_other_close_code() -> None:
    assert set(map(str, CLOSE_CODES)) <= set(listed(STREAMS, "code"))


@pytest.mark.parametrize("side", ["receive", "answer"])
def test_every_message_of_a_stream(side: str) -> None:
    heading = {"receive": "From the server", "answer": "From the client"}[side]
    document = asyncapi_document(API)
    messages = document["channels"]["websocket"]["messages"]
    sent = [reference["$ref"].rpartition("/")[2] for reference in document["operations"][side]["messages"]]
    assert fields_said(heading) == {name: set(messages[name]["payload"]["properties"]) - {"type"} for name in sent}


def fields_said(heading: str) -> dict[str, set[str]]:
    rows = next(rows for title, rows in tables(STREAMS) if title == heading)
    return {row["type"]: set(filter(None, row["fields"].split(", "))) for row in rows}


def test_every_event_of_a_notification() -> None:
    properties = asyncapi_document(API)["channels"]["websocket"]["messages"]["notification"]["payload"]["properties"]
    assert under(STREAMS, "event")["Events of notification"] == set(properties["event"]["enum"])


def test_every_reason_of_a_reset() -> None:
    assert under(STREAMS, "reason")["Reasons of reset"] == set(ResetReason)


def test_every_command() -> None:
    said = [heading for heading in headings(page("reference/cli.md")) if heading.startswith("tidings ")]
    assert said == [name for name, _ in every_command()]


def test_every_option_of_every_command() -> None:
    said = under(page("reference/cli.md"), "option")
    assert {name: said.get(name, set()) for name, _ in every_command()} == dict(every_command())


def test_the_default_of_every_option() -> None:
    """A default that says nothing, such as an empty text or off, is left out."""
    defaults = {
        (heading, row["option"]): row["default"]
        for heading, rows in tables(page("reference/cli.md"))
        for row in rows
        if "option" in row
    }
    assert defaults == {
        (name, option.opts[0]): "" if option.default in (None, "", False) else str(option.default)
        for name, command in leaves("tidings", typer.main.get_command(commands))
        for option in options(command)
    }


def every_command() -> Iterator[tuple[str, set[str]]]:
    """Each command with its options, in the order that help shows them."""
    for name, command in leaves("tidings", typer.main.get_command(commands)):
        yield name, {option.opts[0] for option in options(command)}


def leaves(name: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for part, inner in command.commands.items():
            yield from leaves(f"{name} {part}", inner)
    elif isinstance(command, TyperCommand):
        yield name, command


def options(command: TyperCommand) -> list[TyperOption]:
    return [option for option in command.params if isinstance(option, TyperOption) and option.name != "help"]
