"""Write the tables in the Markdown pages and the results that `train.py --list` shows anew, from the committed results.

A table stands between the marks `<!-- NAME -->` and `<!-- end of NAME -->` of a page, in the page's language.
"""

from __future__ import annotations

from lab.tables.obtained import obtained_csv
from lab.tables.pages import PAGES, updated
from paddle_srcnn.recipes import listing
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import write_text


def main() -> None:
    """Run the command."""
    CommandParser(description=__doc__).parse_args()
    for page in PAGES:
        write_text(page, updated(page))
    write_text(listing.RESULTS, obtained_csv())


if __name__ == "__main__":
    run_command(main)
