"""The report: claims, curves, tables and images of the committed results as one HTML page."""

from __future__ import annotations

from pathlib import Path
from string import Template

from lab.claims import Claim, claims
from lab.page.experiments import experiment_sections, prose
from lab.page.photographs import photograph_figures
from lab.page.sections import deblurring_section, filters_section
from lab.paths import RESULTS

__all__ = ["TEMPLATE", "claim_row", "page"]

TEMPLATE = Path(__file__).parent / "report.html"
VERDICTS = {  # first words of a verdict, and their class in the style sheet
    "confirmed": "good",
    "not confirmed": "bad",
    "refuted": "bad",
    "partly": "mixed",
    "not measured yet": "open",
}


def page() -> str:
    """Return the whole page."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        claims="\n".join(map(claim_row, claims())),
        experiments="\n".join([*experiment_sections(RESULTS), *deblurring_section(RESULTS), *filters_section()]),
        photographs="\n".join(photograph_figures()),
    )


def claim_row(claim: Claim) -> str:
    """Return the HTML row of a claim."""
    told = claim.verdict.en
    word = next((word for word in VERDICTS if told.startswith(word)), "")
    verdict = f'<strong class="{VERDICTS.get(word, "open")}">{word}</strong>{prose(told.removeprefix(word))}'
    columns = {"Article": prose(claim.published.en), "Ours": prose(claim.ours.en), "Verdict": verdict}
    cells = "".join(f'<td role="cell" data-column="{column}">{cell}</td>' for column, cell in columns.items())
    return f'<tr role="row"><th role="rowheader" scope="row">{prose(claim.claim.en)}</th>{cells}</tr>'
