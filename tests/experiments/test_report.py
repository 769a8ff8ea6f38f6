"""The page of results: what is in it, and that it needs nothing else."""

import json
import re
from html.parser import HTMLParser

import pytest
import report
from fabricated import put_curve, put_json, summary
from helpers import assert_one_line, needs_paddle, write_report

from lab.claims import Claim
from lab.page import document
from lab.page.experiments import experiment_sections
from lab.page.inline_svg import CSS_COLOURS
from lab.page.sections import deblurring_section
from lab.text import same
from paddle_srcnn.reporting.overlay_plots import COLOURS

LARGEST_BYTES = 3e6


class Elements(HTMLParser):
    """Start tags of a page, each with its attributes."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


@needs_paddle
def test_page_holds_all_that_it_shows(report_page):
    page = report_page.read_text(encoding="utf-8")
    elements = Elements(page).found
    sources = [found[name] for _, found in elements for name in ("src", "href") if name in found]
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert sum(source.startswith("data:image/webp;base64,") for source in sources) == 6
    assert set(re.findall(r"url\((.)", page)) <= {"#"}
    assert "@import" not in page
    assert ("html", {"lang": "en"}) in elements
    assert any(tag == "meta" and found.get("name") == "viewport" for tag, found in elements)
    ids = [found["id"] for _, found in elements if "id" in found]
    assert len(ids) == len(set(ids))
    assert report_page.stat().st_size <= LARGEST_BYTES


@needs_paddle
def test_same_results_are_the_same_bytes(report_page, tmp_path):
    assert write_report(tmp_path / "again.html", 2).read_bytes() == report_page.read_bytes()


def test_unwritable_out_is_one_line(command, tmp_path, monkeypatch):
    monkeypatch.setattr(document, "photograph_figures", lambda: [])  # they need Paddle, and seconds
    (tmp_path / "file").write_text("no folder")
    out = tmp_path / "file" / "report.html"
    assert_one_line(command(report, "--out", out), "report", out)


def test_claim_is_escaped_and_its_verdict_marked():
    texts = ("a < b on `article`", "35.25 dB", "", "not confirmed: 1e-4 & more")
    row = document.claim_row(Claim(*map(same, texts)))
    assert row == (
        '<tr role="row"><th role="rowheader" scope="row">a &lt; b on <code>article</code></th>'
        '<td role="cell" data-column="Article"><span class="whole">35.25 dB</span></td>'
        '<td role="cell" data-column="Ours"></td>'
        '<td role="cell" data-column="Verdict"><strong class="bad">not confirmed</strong>: '
        '<span class="whole">1e-4</span> &amp; more</td></tr>'
    )


def put_run(folder, final_db, *, collapsed=False, set14=False, protocol="article"):
    """Write the results of a run that ends at a mean PSNR, and at 1 dB less pooled."""
    put_curve(folder / "curve.csv", [(1000 * i, db, db - 1) for i, db in enumerate((6.0, 30.0, final_db))])
    collapse = {"below_input": collapsed, "dead_layer": False}
    content = summary(protocol=protocol, given=(31.18, 29.52), final=(final_db, final_db - 1), collapse=collapse)
    put_json(folder / "summary.json", content)
    if set14:
        put_json(folder / "Set14.json", {part: content[part] for part in ("input", "final")})


def cells(section):
    """Rows of a section's table, as lists of texts."""
    rows = re.findall("<tr>(.*?)</tr>", section[section.index("<tbody>") :])
    return [[re.sub("<.*?>", "", cell) for cell in re.findall("<t[hd].*?>(.*?)</t[hd]>", row)] for row in rows]


def test_experiments_with_results_are_shown(tmp_path):
    put_run(tmp_path / "baseline", 37.0, set14=True)
    put_run(tmp_path / "filter_9-3-5", 38.0)
    put_run(tmp_path / "filter_odd", 36.0)
    put_run(tmp_path / "super_resolution", 32.0, protocol="paper")
    for seed, db in enumerate((34.0, 35.0, 6.0)):
        put_run(tmp_path / "rgb_rates_1e-3" / (f"seed{seed}" if seed else ""), db, collapsed=db < 31)
    (tmp_path / "filter_size").mkdir()
    sections = list(experiment_sections(tmp_path))
    titles = [re.search("<h3>(.*?)</h3>", section)[1] for section in sections]
    assert titles == ["Baseline", "Filter size", "Learning rates, three channels"]
    assert cells(sections[0]) == [
        ["9-1-5", "37.00", "36.00", "31.18", "29.52", "37.00", "36.00", "31.18", "29.52", "2"]
    ]
    assert [row[:3] for row in cells(sections[1])] == [
        ["9-3-5", "38.00", "37.00"],
        ["9-1-5", "37.00", "36.00"],
        ["filter_odd", "36.00", "35.00"],
    ]
    (rates,) = cells(sections[2])
    assert rates[1:4] == ["1 of 3", "34.00 6.00 to 35.00", "33.00 5.00 to 34.00"]
    assert "median and range of 3 seeds" in sections[2]
    assert list(experiment_sections(tmp_path / "none")) == []


def test_deblurring_is_shown_where_it_was_measured(tmp_path):
    assert list(deblurring_section(tmp_path)) == []
    (tmp_path / "deblurring").mkdir()
    rows = [{"set": "Set5", "input": "reduced by 2", "given_db": 32.0, "restored_db": 25.5}]
    (tmp_path / "deblurring" / "table.json").write_text(json.dumps({"rows": rows}))
    (section,) = deblurring_section(tmp_path)
    assert cells(section) == [["Set5, reduced by 2", "32.00", "25.50", "-6.50"]]
    assert not re.findall(r"(?:stroke|fill): #", section)


def test_baseline_alone_is_no_comparison(tmp_path):
    put_run(tmp_path / "baseline", 37.0)
    (section,) = experiment_sections(tmp_path)
    assert "<h3>Baseline</h3>" in section


def test_recipe_of_no_experiment_is_shown_at_the_end(tmp_path):
    put_run(tmp_path / "baseline_shuffled", 37.0)
    (section,) = experiment_sections(tmp_path)
    assert "<h3>Further recipes</h3>" in section


def test_figures_leave_colours_and_fonts_to_the_page(tmp_path):
    put_run(tmp_path / "baseline", 37.0)
    for number in range(len(COLOURS) - 1):
        put_run(tmp_path / f"adam_{number}", 36.0)
    drawings = re.findall("<svg.*?</svg>", "".join(experiment_sections(tmp_path)), flags=re.DOTALL)
    assert len(drawings) == 2
    for drawing in drawings:
        assert "currentColor" in drawing
        assert "font-family" not in drawing
        styles = re.findall('style="(.*?)"', drawing)
        assert not [style for style in styles if re.search(r"(stroke|fill): (?!none|currentColor|var\()", style)]
    assert all(f"var(--curve-{number})" in "".join(drawings) for number in range(1, len(COLOURS)))


def luminance(colour):
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_contrast_in_both_themes(theme):
    """WCAG's ratios: 4.5 for text, 3 for what is drawn."""
    style = document.TEMPLATE.read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", re.findall(r":root \{(.*?)\}", style, re.DOTALL)[theme]))
    least = {"ink": 4.5, "muted": 4.5, "good": 4.5, "bad": 4.5, "mixed": 4.5, "focus": 3}
    least |= {name: 3 for value in CSS_COLOURS.values() for name in re.findall(r"--(curve-\d)", value)}
    for name, ratio in least.items():
        darker, lighter = sorted(luminance(colours[key]) for key in (name, "paper"))
        assert (lighter + 0.05) / (darker + 0.05) >= ratio, name
