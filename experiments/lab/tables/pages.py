"""The Markdown pages whose tables are written from the committed results.

A table stands between the marks `<!-- NAME -->` and `<!-- end of NAME -->`, in the page's language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from lab.paths import RESULTS, ROOT
from lab.tables.article import deblurring_table, results_table, summary_table
from lab.tables.cards import article_weights_table, super_resolution_weights_table
from lab.tables.experiments import claims_table, experiment_table, scripts_table
from lab.tables.paper import channels_table, super_resolution_table
from lab.tables.photos import photo_networks_table, photo_weights_table
from lab.tables.sparse import sparse_coding_table
from lab.text import Language
from paddle_srcnn.errors import UserError

__all__ = ["PAGES", "updated"]

CARDS = ("article.md", "super-resolution.md")
PAGES = [
    *(ROOT / folder / name for folder in ("", "experiments") for name in ("README.md", "README.zh-CN.md")),
    *(ROOT / "docs" / "models" / name for name in CARDS),
    *(ROOT / "docs" / name for name in ("photo-networks.md", "photo-networks.zh-CN.md")),
    *(ROOT / "docs" / name for name in ("sparse-coding.md", "sparse-coding.zh-CN.md")),
]
MARKS = re.compile(r"<!-- (?P<name>[a-z_]+) -->\n.*?<!-- end of (?P=name) -->", re.DOTALL)
TABLES: dict[str, Callable[[Language], str]] = {
    "summary": summary_table,
    "scripts": scripts_table,
    "claims": claims_table,
    "results": results_table,
    "deblurring": deblurring_table,
    "super_resolution": super_resolution_table,
    "paper_colour_channels": channels_table,
    "photo_networks": photo_networks_table,
    "photo_weights": photo_weights_table,
    "sparse_coding": sparse_coding_table,
    "article_weights": article_weights_table,
    "super_resolution_weights": super_resolution_weights_table,
}


def section(name: str, language: Language) -> str:
    """Return the table of a name.

    Raises
    ------
    UserError
        If it has no results.
    """
    if name in TABLES:
        return TABLES[name](language)
    if not (RESULTS / name / "table.json").is_file():
        raise UserError(f"a page wants the table {name}, which has no results: publish them or take its marks out")
    return experiment_table(name, language)


def updated(page: Path) -> str:
    """Return the text of a page with its tables written anew.

    Raises
    ------
    UserError
        If a mark has no fellow, or a table no results.
    """
    text = page.read_text(encoding="utf-8")
    language: Language = "zh" if page.name.endswith(".zh-CN.md") else "en"
    marks = len(re.findall("<!-- ", text))
    if 2 * len(MARKS.findall(text)) != marks:
        raise UserError(f"{page} has a mark without its fellow: write <!-- NAME --> and <!-- end of NAME -->")
    return MARKS.sub(
        lambda found: f"<!-- {found['name']} -->\n{section(found['name'], language)}\n<!-- end of {found['name']} -->",
        text,
    )
