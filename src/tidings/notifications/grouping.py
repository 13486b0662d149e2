"""What an event says to whom: a plan for each person, a text for each language, one content for all who share both."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from tidings.accounts.types import Language
from tidings.notifications.addresses import Lacks
from tidings.notifications.audience import Recipient
from tidings.notifications.content import NewEvent, Text, text_of
from tidings.notifications.entries import Content, Entry, Group, Outgoing, entry_id
from tidings.notifications.plan import ALL_ON, Facts, Plan, plan, sends, wish_of, write_plan
from tidings.notifications.rules import Rules
from tidings.notifications.types import Channel, NotificationType, Verdict

Shown: TypeAlias = Mapping[str, Any] | None
"""An actor as shown beside the text (Any: it is JSON)."""


def plan_for(event: NewEvent, facts: Facts, rules: Rules) -> Plan:
    """What this event would do for a person of whom these facts hold."""
    return plan(wish_of(event.type, event.channels), facts, channels_set_up=rules.channels_set_up)


def render_texts(event: NewEvent, languages: Iterable[Language], actor: Shown) -> dict[Language, Text]:
    """The text once per language. Raises TextMissing or TextNotRendered."""
    return {language: text_of(event.said, actor, language) for language in languages}


def entries_of(event_id: UUID, people: Iterable[Recipient]) -> list[Entry]:
    """The entries the event makes for these people, in their order."""
    return [Entry(entry_id(event_id, person.user_id), person.user_id, person.external_id) for person in people]


def groups_of(
    event_id: UUID,
    event: NewEvent,
    people: Iterable[Recipient],
    entries: Iterable[Entry],
    actor: Shown,
    texts: Mapping[Language, Text],
    rules: Rules,
    *,
    now: datetime,
) -> list[Group]:
    """The entries of these people with what each is told: those who share a language and a plan share one content."""
    usual: dict[tuple[bool, Lacks], Plan] = {}  # almost everybody has every switch on: they share a few plans
    members: dict[tuple[Language, Plan], list[Entry]] = {}
    for person, entry in zip(people, entries, strict=True):
        facts = person.facts
        decisions = usual.get((facts.is_reachable, facts.lacks)) if facts.switches is ALL_ON else None
        if decisions is None:
            decisions = plan_for(event, facts, rules)
            if facts.switches is ALL_ON:
                usual[facts.is_reachable, facts.lacks] = decisions
        members.setdefault((person.language, decisions), []).append(entry)
    return [
        Group(
            _content(event_id, event, actor, texts[language], decisions, now=now),
            of_group,
            _outgoing(event.type, decisions),
        )
        for (language, decisions), of_group in members.items()
    ]


def _outgoing(kind: NotificationType, decisions: Plan) -> list[Outgoing]:
    return [
        Outgoing(each.channel, each.due_at, may_repeat=not kind.once)
        for each in decisions
        if each.channel is not Channel.IN_APP and each.verdict in {Verdict.SEND, Verdict.DEFER}
    ]


def _content(event_id: UUID, event: NewEvent, actor: Shown, text: Text, decisions: Plan, *, now: datetime) -> Content:
    kind = event.type
    expires_at = event.expires_at or (now + kind.expires_after if kind.expires_after else None)
    return Content(
        event_id=event_id,
        type_code=kind.code,
        priority=event.priority or kind.priority,
        title=text.title,
        message=text.message,
        data=dict(event.data),
        actor=dict(actor) if actor else None,
        action_url=event.action_url,
        action_text=event.action_text,
        icon=event.icon or kind.icon,
        image_url=event.image_url,
        group_key=event.group_key,
        collapse_key=event.collapse_key,
        why=text.why,
        plan=write_plan(decisions),
        in_inbox=sends(decisions, Channel.IN_APP),
        created_at=now,
        expires_at=expires_at,
    )
