"""The pages for readers: their links lead to files, and the tests that they name exist."""

import re

import pytest
from helpers import ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("experiments/*.md"), *ROOT.glob("benchmarks/*.md")]


def anchors(page):
    """Return the anchors of a page's headings, as GitHub forms them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_page_on_reliability_names_tests_that_exist():
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for row in re.findall(r"^\|.*\|$", text, re.MULTILINE):
        files = re.findall(r"`([a-z_]+/test_\w+\.py)`", row)
        sources = "".join((ROOT / "tests" / file).read_text(encoding="utf-8") for file in files)
        for name in re.findall(r"`(test_\w+)(?:\.\.\.)?`", row):
            assert f"def {name}" in sources, name


@pytest.mark.parametrize("page", [page for page in PAGES if "zh-CN" in page.name], ids=lambda page: page.name)
def test_no_line_breaks_between_chinese_characters(page):
    """A browser shows such a break as a space."""
    chinese = r"[\u3000-\u9fff\uff00-\uffef]"
    assert not re.findall(rf"{chinese}\n{chinese}", page.read_text(encoding="utf-8"))
