"""Write the committed results as one HTML page: claims, curves, tables, and images before and after.

The page holds its style, script, figures and images, and needs no other file. The same results give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from lab.page.document import page
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import expanded, write_text


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__)
    parser.add_argument(
        "--out", type=expanded, default=Path("runs/report.html"), metavar="FILE", help="the page (default %(default)s)"
    )
    arguments = parser.parse_args()
    write_text(arguments.out, page())
    print(f"page in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
