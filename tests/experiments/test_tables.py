"""Tables of the Markdown pages, which are written from the committed results."""

import re
from pathlib import Path

import pytest
import tables
from helpers import ROOT, assert_one_line

from lab.catalogue import EXPERIMENTS
from lab.tables import labels, pages
from lab.tables.experiments import experiment_table
from lab.tables.obtained import obtained_csv
from lab.tables.pages import PAGES, updated
from lab.text import LANGUAGES, Text
from paddle_srcnn.recipes import listing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_page_is_up_to_date(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == updated(page), "run `python experiments/tables.py`"


def marks(page):
    return re.findall("<!-- (?!end of )(.*?) -->", page.read_text(encoding="utf-8"))


def test_both_languages_have_the_same_tables():
    for folder in (ROOT, ROOT / "experiments"):
        english, chinese = (sorted(marks(folder / name)) for name in ("README.md", "README.zh-CN.md"))
        assert english == chinese != []


def test_every_experiment_has_its_table():
    shown = marks(ROOT / "experiments" / "README.md")
    assert {e.name for e in EXPERIMENTS.values()} - {"baseline"} <= set(shown)  # it stands among the full-length runs
    assert {"scripts", "claims", "results", "super_resolution"} <= set(shown)


@pytest.mark.parametrize("name", ["learning_rates", "choices", "paper_colour"])
def test_languages_differ_in_words_alone(name):
    english, chinese = (experiment_table(name, language).splitlines() for language in LANGUAGES)
    assert len(english) == len(chinese)
    for lines in zip(english[4:], chinese[4:], strict=True):
        first, second = ([re.findall(r"\d+\.\d\d|\d[\d,]+", cell) for cell in line.split("|")[2:]] for line in lines)
        assert first == second
    assert all(re.search("[\u4e00-\u9fff]", line) for line in (chinese[0], chinese[2]))


def test_every_label_of_words_has_a_chinese_one():
    found = {label for experiment in EXPERIMENTS.values() for label in experiment.labels.values()}
    words = {label for label in found if re.search("[a-z]{2}", label)}
    assert words <= labels.CHINESE.keys()
    assert labels.label_text("9-1-5") == Text("9-1-5", "9-1-5")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!-- claims -->\nno end\n", ["without its fellow"]),
        ("<!-- claims -->\n<!-- end of results -->\n", ["without its fellow"]),
        ("<!-- nothing -->\n<!-- end of nothing -->\n", ["nothing", "no results"]),
    ],
)
def test_wrong_marks_are_one_line(command, monkeypatch, tmp_path, text, words):
    page = tmp_path / "README.md"
    page.write_text(text)
    monkeypatch.setattr(tables, "PAGES", [page])
    assert_one_line(command(tables), "tables", *words)
    assert page.read_text() == text


def test_text_around_the_marks_stays(monkeypatch, tmp_path):
    monkeypatch.setitem(pages.TABLES, "claims", {"en": "new", "zh": "\u65b0"}.get)
    for name, new in (("README.md", "new"), ("README.zh-CN.md", "\u65b0")):
        page = tmp_path / name
        page.write_text("before\n<!-- claims -->\nold\n<!-- end of claims -->\nafter\n")
        assert updated(page) == f"before\n<!-- claims -->\n{new}\n<!-- end of claims -->\nafter\n"


def test_listed_results_are_the_committed_ones():
    text = listing.RESULTS.read_text(encoding="utf-8")
    assert text == obtained_csv(), "run experiments/tables.py"
    assert listing.published_results()["baseline"] == (37.2629, 36.5964)
