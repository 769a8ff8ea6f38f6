"""The tables in the Markdown pages are those of the committed summaries."""

from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
import tables  # noqa: E402 -- the scripts are no package


@pytest.mark.parametrize("page", tables.PAGES, ids=lambda page: page.parent.name)
def test_page_is_up_to_date(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == tables.updated(page), "run `python experiments/tables.py`"
