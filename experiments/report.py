"""Write the committed results as one HTML page: claims, curves, tables, and photographs before and after.

The page needs nothing but itself: style, script, figures and pictures are in it. The same results give the same bytes.
"""

from __future__ import annotations

from pathlib import Path
from string import Template

from lab.claims import Claim, claims
from lab.page.experiments import experiment_sections, prose
from lab.page.photographs import photograph_figures
from lab.page.sections import deblurring_section, filters_section
from lab.paths import RESULTS
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import expanded, write_text

TEMPLATE = Path(__file__).parent / "lab" / "page" / "report.html"
VERDICTS = {  # what a verdict begins with, and its class in the style sheet
    "confirmed": "good",
    "not confirmed": "bad",
    "refuted": "bad",
    "partly": "mixed",
    "not measured yet": "open",
}


def page() -> str:
    """The whole page."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        claims="\n".join(map(claim_row, claims())),
        experiments="\n".join([*experiment_sections(RESULTS), *deblurring_section(RESULTS), *filters_section()]),
        photographs="\n".join(photograph_figures()),
    )


def claim_row(claim: Claim) -> str:
    """HTML row of a claim."""
    word = next((word for word in VERDICTS if claim.verdict.startswith(word)), "")
    verdict = f'<strong class="{VERDICTS.get(word, "open")}">{word}</strong>{prose(claim.verdict.removeprefix(word))}'
    columns = {"Article": prose(claim.published), "Ours": prose(claim.ours), "Verdict": verdict}
    cells = "".join(f'<td role="cell" data-column="{column}">{cell}</td>' for column, cell in columns.items())
    return f'<tr role="row"><th role="rowheader" scope="row">{prose(claim.claim)}</th>{cells}</tr>'


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
