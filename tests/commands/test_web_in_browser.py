"""The page that enlarges pictures, in a browser: drop, enlarge, compare, save; by mouse, by touch and by keyboard."""

import io
import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from helpers import ROOT, needs_paddle
from PIL import Image
from served_pages import client_of

from paddle_srcnn.commands import upscale

pytest.importorskip("starlette", reason="needs the extra `web`")
pytestmark = needs_paddle

WORDS = ROOT / "paddle_srcnn" / "apps" / "web" / "page" / "words.js"
WIDTHS = (1280, 390)
REFUSAL = "Failed to load resource: the server responded with a status of 422"  # the browser's own words
DROP = """async ([element, name, bytes]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], name));
    element.dispatchEvent(new DragEvent("dragenter", { dataTransfer: transfer, bubbles: true }));
    element.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
}"""


@pytest.fixture
def client(browser):
    with client_of(device="cpu") as found:
        yield found


@pytest.fixture
def open_page(browser, client):
    """Open the page in a new tab; at the end, what it asked for and complained of is looked at."""
    contexts, complaints, requests = [], [], []

    def opened(language="en", **settings):
        contexts.append(browser.new_context(locale="en-GB", **settings))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(15_000)
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(f"{client.page.address}#{language}")
        tab.locator("#drop-title").wait_for()
        return tab

    yield opened
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if not complaint.startswith(REFUSAL)] == []
    assert requests
    assert {urlsplit(url).netloc for url in requests} == {urlsplit(client.origin).netloc}


def photo(height=48, width=64):
    down, across = np.mgrid[:height, :width]
    pixels = np.stack([4 * across % 256, 5 * down % 256, (across * down) % 256], axis=-1).astype(np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=97, dpi=(300, 300))
    return content.getvalue()


def drop(tab, name, content):
    tab.evaluate(DROP, [tab.locator("body").element_handle(), name, list(content)])
    tab.locator(".picture .name", has_text=name).wait_for()


def enlarge(tab, name="photo.jpg"):
    drop(tab, name, photo())
    tab.get_by_role("button", name="Enlarge 1 picture").click()
    tab.locator("[data-state=done]").wait_for()


def zoom_of(tab):
    """Zoom in per cent, as the page shows it after it has drawn."""
    tab.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    return int(tab.locator("#zoom").inner_text().removesuffix(" %"))


def test_drop_enlarge_and_save_gives_the_commands_file(open_page, command, tmp_path):
    tab = open_page(viewport={"width": 1280, "height": 860})
    enlarge(tab)
    assert tab.locator(".size").inner_text() == "64 × 48 → 128 × 96"
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Save photo_x2.jpg").click()
    (tmp_path / "photo.jpg").write_bytes(photo())
    assert command(upscale, tmp_path / "photo.jpg", "--out", tmp_path, "--device", "cpu")[0] == 0
    assert download.value.suggested_filename == "photo_x2.jpg"
    assert download.value.path().read_bytes() == (tmp_path / "photo_x2.jpg").read_bytes()
    tab.reload()
    assert tab.locator("[data-state=done] .name").inner_text() == "photo.jpg"
    tab.get_by_role("button", name="Remove photo.jpg").click()
    tab.locator(".picture").wait_for(state="detached")


def test_all_results_are_saved_as_one_archive(open_page):
    tab = open_page()
    for name in ("a.jpg", "b.jpg"):
        drop(tab, name, photo())
    tab.get_by_role("radio", name="3×").check()
    tab.get_by_role("button", name="Enlarge 2 pictures").click()
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Save all as ZIP").click()
    assert download.value.suggested_filename == "enlarged.zip"
    assert re.findall(rb"[ab]_x3\.jpg", download.value.path().read_bytes())


def test_refusals_are_shown(open_page):
    tab = open_page()
    drop(tab, "<b>notes.txt", b"no picture")
    problem = tab.locator("[data-state=refused] .outcome")
    assert problem.inner_text().startswith("<b>notes.txt is no picture of a kind that is read")
    assert not tab.locator("#order").is_visible()
    drop(tab, "photo.jpg", photo())
    tab.get_by_role("radio", name="Other").check()
    tab.get_by_label("Factor from 1 to 8").fill("2.5")
    tab.get_by_label("JPEG blocks").select_option("on")
    tab.get_by_label("Noise").select_option("high")
    tab.get_by_role("button", name="Enlarge 1 picture").click()
    complaint = tab.locator("#problems li")
    assert "no network removes both noise and the blocks of JPEG" in complaint.inner_text()
    complaint.get_by_role("button").click()
    complaint.wait_for(state="detached")


def test_border_zoom_and_movement(open_page):
    tab = open_page(viewport={"width": 1280, "height": 860})
    enlarge(tab)
    tab.get_by_role("button", name="Compare photo.jpg before and after").click()
    slider = tab.get_by_role("slider")
    slider.wait_for()
    assert zoom_of(tab) == 800  # the largest whole number at which 128x96 pixels fit
    stage = tab.locator("#stage").bounding_box()
    middle = (stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    tab.mouse.move(*middle)
    tab.mouse.down()
    tab.mouse.move(stage["x"] + stage["width"] / 5, middle[1], steps=4)
    tab.mouse.up()
    assert int(slider.get_attribute("aria-valuenow")) == pytest.approx(20, abs=1)
    tab.mouse.move(middle[0] + 200, middle[1])
    tab.mouse.wheel(0, -200)
    assert zoom_of(tab) == 1600
    tab.get_by_role("button", name="100 %").click()
    assert zoom_of(tab) == 100
    tab.get_by_role("button", name="Fit").click()
    assert zoom_of(tab) == 800


def canvas_pixels(tab):
    """Colours of the canvas on the line through its middle."""
    code = """canvas => { const middle = Math.ceil(canvas.height / 2);
        return [...canvas.getContext("2d").getImageData(0, middle, canvas.width, 1).data]; }"""
    return np.array(tab.locator("#stage canvas").evaluate(code)).reshape(-1, 4)[:, :3]


def test_pixels_are_squares(open_page, client):
    """At 8 times the size, each pixel of the result fills 8 pixels of the canvas, in its own colour."""
    tab = open_page(viewport={"width": 1280, "height": 860})
    enlarge(tab, "photo.png")
    tab.get_by_role("button", name="Compare photo.png before and after").click()
    tab.get_by_role("slider").press("Home")
    assert zoom_of(tab) == 800
    number = client.pictures()[0]["number"]
    result = np.asarray(Image.open(io.BytesIO(client.ask("GET", f"pictures/{number}/result").content)))
    tab.wait_for_load_state("networkidle")
    zoom_of(tab)
    shown = canvas_pixels(tab)
    left = len(shown) // 2 - 64 * 8
    blocks = shown[left : left + 128 * 8].reshape(128, 8, 3)
    assert (blocks == blocks[:, :1]).all()
    np.testing.assert_array_equal(blocks[:, 0], result[48])


def test_keyboard_alone(open_page, tmp_path):
    file = tmp_path / "photo.jpg"
    file.write_bytes(photo())
    tab = open_page(viewport={"width": 1280, "height": 860})
    press = tab.keyboard.press

    def reach(selector):
        for _ in range(20):
            press("Tab")
            if tab.evaluate(f"document.activeElement?.matches({selector!r})"):
                return
        raise AssertionError(f"Tab does not lead to {selector}")

    reach("#files")
    with tab.expect_file_chooser() as chooser:
        press("Space")
    chooser.value.set_files(file)
    tab.locator(".picture").wait_for()
    reach("input[name=factor]")
    press("ArrowRight")
    reach("#enlarge")
    press("Enter")
    tab.locator("[data-state=done]").wait_for()
    assert tab.locator(".size").inner_text() == "64 × 48 → 192 × 144"
    reach(".compare")
    press("Enter")
    tab.locator("#viewer[open]").wait_for()
    before = zoom_of(tab)
    press("+")
    assert zoom_of(tab) > before
    press("ArrowLeft")
    press("0")
    assert zoom_of(tab) == before
    reach("#split")
    press("ArrowRight")
    press("PageUp")
    assert tab.get_by_role("slider").get_attribute("aria-valuenow") == "61"
    press("Escape")
    tab.locator("#viewer").wait_for(state="hidden")
    assert tab.evaluate("document.activeElement.matches('.compare')")
    reach(".save")
    with tab.expect_download() as download:
        press("Enter")
    assert download.value.suggested_filename == "photo_x3.jpg"


def test_two_fingers_zoom(open_page):
    tab = open_page(viewport={"width": 390, "height": 844}, has_touch=True)
    enlarge(tab)
    tab.get_by_role("button", name="Compare photo.jpg before and after").tap()
    tab.get_by_role("slider").wait_for()
    before = zoom_of(tab)
    touch = tab.context.new_cdp_session(tab)
    for kind, apart in (("touchStart", 40), ("touchMove", 80), ("touchMove", 160)):
        points = [{"x": 100, "y": 500 - apart, "id": 0}, {"x": 100, "y": 500 + apart, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert zoom_of(tab) == pytest.approx(4 * before, rel=0.1)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_fits_its_window_in_both_languages_and_themes(open_page, width, theme):
    tab = open_page(viewport={"width": width, "height": 844}, color_scheme=theme)
    enlarge(tab, "a long name " * 10 + ".jpg")
    drop(tab, "words.txt", b"no picture")
    for language, title in (("en", "Enlarge pictures"), ("zh-CN", "放大图片")):
        assert tab.locator("h1").inner_text() == title
        assert tab.locator("html").get_attribute("lang") == language
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        for control in tab.locator("button:visible, a:visible").all():
            box = control.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= width, control.inner_text()
        tab.locator("#language").click()
    paper, ink = tab.evaluate("(body => [body.backgroundColor, body.color])(getComputedStyle(document.body))")
    assert contrast(paper, ink) > 10
    assert (luminance(paper) > 0.5) == (theme == "light")
    for element in tab.locator(".muted:visible, .outcome:visible, .plain:visible").all():
        assert contrast(paper, element.evaluate("element => getComputedStyle(element).color")) >= 4.5


def luminance(colour):
    """Relative luminance of a colour, as WCAG defines it."""
    values = np.array([int(part) for part in re.findall(r"\d+", colour)[:3]]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_control_has_a_name(open_page):
    tab = open_page()
    enlarge(tab)
    tab.get_by_role("button", name="Compare photo.jpg before and after").click()
    for role in ("button", "link", "slider", "radio", "combobox", "checkbox", "spinbutton", "img", "progressbar"):
        for control in tab.get_by_role(role, include_hidden=True).all():
            name = control.evaluate("e => e.ariaLabel || e.textContent.trim() || e.labels?.[0]?.textContent.trim()")
            assert name or control.get_attribute("alt") == "", control.evaluate("element => element.outerHTML")


def test_the_end_of_the_program_is_shown(open_page, client):
    tab = open_page()
    tab.on("dialog", lambda dialog: dialog.accept())
    tab.get_by_role("button", name="End the program").click()
    tab.get_by_role("alert").wait_for()
    assert client.page.enlarging.ended.is_set()


def test_both_languages_have_the_same_texts():
    english, chinese = (
        re.findall(r"^  (\w+): ", part, re.MULTILINE) for part in WORDS.read_text(encoding="utf-8").split("const zh")
    )
    assert english == [word for word in chinese if word not in ("en", "zh")]
    page = (WORDS.parent / "page.html").read_text(encoding="utf-8")
    assert set(re.findall(r'data-(?:text|label)="(\w+)"', page)) <= set(english)
