"""Mail in a frame: the one kind of answer whose styles stand in its text, and that a page of ours may frame."""

from fastapi.responses import HTMLResponse

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LINKS_OPEN_APART = '<base target="_blank">'


def framed(html: str) -> HTMLResponse:
    """The HTML of a mail, to be looked at: no script, no form, nothing fetched, an origin of its own.

    A link in it opens a tab of its own, because the frame itself may go nowhere.
    """
    return HTMLResponse(_in_head(html), headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


def _in_head(html: str) -> str:
    """A doctype stays first, or the page would be drawn as if it had none."""
    start, end = html[:200].lower().find("<!doctype"), html.find(">")
    if start == -1 or html[:start].strip() or end == -1:
        return _LINKS_OPEN_APART + html
    return html[: end + 1] + _LINKS_OPEN_APART + html[end + 1 :]
