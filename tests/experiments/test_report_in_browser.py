"""The page of results in a browser: what it shows there, and how it behaves."""

import re

import pytest
from helpers import needs_paddle

from lab.claims import claims

WIDTHS = (1280, 390)


@pytest.fixture
def open_page(browser, report_page):
    """Open the page in a new tab; at the end, what it asked for and complained of is looked at."""
    contexts, complaints, requests = [], [], []

    def opened(**settings):
        contexts.append(browser.new_context(**settings))
        tab = contexts[-1].new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(report_page.as_uri())
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file://", "data:"))] == []
    assert report_page.as_uri() in requests


def clip(tab):
    """Per cent of the first photograph that is shown blurred, as drawn."""
    style = tab.evaluate("getComputedStyle(document.querySelector('.split .left')).clipPath")
    return 100 - float(re.fullmatch(r"inset\(0px ([\d.]+)% 0px 0px\)", style)[1])


@needs_paddle
def test_browser_shows_the_claims(open_page):
    rows = open_page().locator("table.claims tbody tr")
    shown = [tuple(row.locator("th, td").all_inner_texts()) for row in rows.all()]
    expected = [(each.claim.en, each.published.en, each.ours.en, each.verdict.en) for each in claims()]
    assert shown == [tuple(cell.replace("`", "") for cell in row) for row in expected]


@needs_paddle
def test_verdicts_are_within_a_telephones_window(open_page):
    tab = open_page(viewport={"width": 390, "height": 844})
    verdicts = tab.locator("table.claims tbody td:last-child")
    assert verdicts.count() == len(claims())
    for box in (verdict.bounding_box() for verdict in verdicts.all()):
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert tab.get_by_role("rowheader").count() >= len(claims())


@needs_paddle
def test_slider_moves_by_mouse_and_keyboard(open_page):
    tab = open_page(viewport={"width": 1280, "height": 900})
    frame = tab.locator(".split").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    middle = box["y"] + box["height"] / 2
    assert clip(tab) == 50
    tab.mouse.move(box["x"] + box["width"] / 2, middle)
    tab.mouse.down()
    tab.mouse.move(box["x"] + box["width"] / 5, middle, steps=5)
    tab.mouse.up()
    assert clip(tab) == pytest.approx(20, abs=1)
    before = clip(tab)
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("ArrowRight")
    assert clip(tab) == before + 2
    tab.keyboard.press("Home")
    assert clip(tab) == 0
    assert frame.evaluate("frame => getComputedStyle(frame).outlineStyle") == "solid"
    assert all("blurred" in slider.get_attribute("aria-label") for slider in tab.get_by_role("slider").all())


@needs_paddle
def test_slider_follows_a_touch(open_page):
    tab = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    frame = tab.locator(".split").first
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    tab.touchscreen.tap(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    assert clip(tab) == pytest.approx(75, abs=1)


@needs_paddle
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_its_window_in_both_themes(open_page, width, theme):
    tab = open_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    paper, ink, axis = tab.evaluate(
        """[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
            getComputedStyle(document.querySelector(".chart svg text")).fill]"""
    )
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 23, 27)"}[theme]
    assert axis == ink
