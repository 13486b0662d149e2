"""Every text there is, as its readers would get it: the list, and one of them rendered."""

from tidings.accounts.types import Language
from tidings.console.schemas import PreviewOut, TemplateList, TemplateOut
from tidings.notifications.previewing import LETTER_PREFIX, list_previews, render_preview
from tidings.notifications.types import Channel, TypeRegistry
from tidings.templates.letters import House


def list_templates(types: TypeRegistry) -> TemplateList:
    """Each text once, with the channels it can be shown for, types first."""
    listed: dict[str, TemplateOut] = {}
    for preview in list_previews(types):
        key = preview.name.removeprefix(LETTER_PREFIX) if preview.kind == "letter" else preview.name
        found = listed.setdefault(
            preview.name, TemplateOut(name=preview.name, key=key, group=preview.kind, channels=[])
        )
        found.channels.append(preview.channel)
    return TemplateList(templates=list(listed.values()), languages=list(Language))


def preview_template(
    name: str, channel: Channel, language: Language, *, types: TypeRegistry, house: House
) -> PreviewOut:
    """One text with made-up values. Raises PreviewNotFound and TextNotRendered."""
    rendered = render_preview(name, channel, language, types=types, house=house)
    icons = {kind.key: kind.icon for kind in types}
    return PreviewOut(subject=rendered.subject, text=rendered.text, html=rendered.html or None, icon=icons.get(name))
