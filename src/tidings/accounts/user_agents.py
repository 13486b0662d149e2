"""What a browser says it is, in words that a person knows; from the ua-parser project's tables, without a lookup."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """What somebody signed in on; empty what the request did not say."""

    device: str = ""
    browser: str = ""


def describe(user_agent: str | None) -> Machine:
    """The device (its model, or its system) and the browser that this User-Agent names; a claim, not a fact.

    Call it in a thread: its patterns run over what strangers wrote, and the first call loads them.
    """
    if not user_agent:
        return Machine()
    from ua_parser import parse  # noqa: PLC0415 - a tenth of a second that no start has to wait for

    found = parse(user_agent)
    names = [part.family for part in (found.device, found.os) if part is not None]
    browser = found.user_agent
    return Machine(
        device=names[0] if names else "",
        browser=" ".join(filter(None, [browser.family, browser.major])) if browser is not None else "",
    )
