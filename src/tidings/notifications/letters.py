"""A notification as a letter: what its mail says."""

from collections.abc import Mapping
from typing import Any

from tidings.accounts.types import Language
from tidings.notifications.content import Said, button_of, text_of
from tidings.notifications.types import Channel
from tidings.templates.letters import House, Letter, button_to, default_label


def notification_letter(
    said: Said,
    actor: Mapping[str, Any] | None,
    language: Language,
    *,
    action_url: str | None,
    action_text: str | None,
    unsubscribe_url: str | None,
    house: House,
) -> Letter:
    """The letter in this language, with the texts for mail where there are such. Raises TextMissing, TextNotRendered.

    `actor` is as shown (Any: plain JSON values).
    """
    text = text_of(said, actor, language, Channel.EMAIL)
    button = None
    if action_url is not None:
        label = action_text or button_of(said, actor, language, Channel.EMAIL) or default_label(language)
        button = button_to(label, action_url, house=house)
    return Letter(
        language=language,
        subject=text.title,
        body=text.message,
        button=button,
        why=text.why,
        unsubscribe_url=unsubscribe_url,
    )
