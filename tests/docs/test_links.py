from tests.docs.pages import ROOT, anchors, links, pages


def test_every_link_within_the_repository_leads_somewhere() -> None:
    lost = []
    for page in pages():
        for path, anchor in links(page):
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
                lost.append(f"{page.relative_to(ROOT)}: {path}{'#' + anchor if anchor else ''}")
    assert lost == []
