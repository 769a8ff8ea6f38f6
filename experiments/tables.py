"""Write the tables of results into the Markdown pages, from the committed summaries.

Each page has a pair of marks, `<!-- results -->` and `<!-- end of results -->`; what stands between them is generated.
"""

from __future__ import annotations

import json
from pathlib import Path

from paddle_srcnn.errors import CommandParser, UserError, run_command
from paddle_srcnn.files import write_text
from paddle_srcnn.recipes import RECIPES

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
PAGES = (ROOT / "README.md", ROOT / "experiments" / "README.md")
BEGIN, END = "<!-- results -->", "<!-- end of results -->"

HEADER = (
    "| recipe | network | epochs | protocol | published | ours, mean / pooled | input, mean / pooled | commit |",
    "|---|---|---|---|---|---|---|---|",
)


def results_table() -> str:
    """Markdown table of every recipe that has committed results; PSNR on the validation set that a row names."""
    rows = []
    for name, recipe in RECIPES.items():
        path = RESULTS / name / "summary.json"
        if not path.is_file():
            continue
        summary = json.loads(path.read_text(encoding="utf-8"))
        final, blurred = summary["final"], summary["input"]
        cells = (
            f"`{name}`",
            f"{recipe.architecture.name}, trained on {summary['data']['train']['name']}",
            str(summary["epochs"]),
            f"`{summary['protocol']}`, {summary['data']['validation']['name']}, seed {summary['seed']}",
            f"{recipe.published.psnr_db:.2f} dB ({recipe.published.source})" if recipe.published else "",
            f"**{final['psnr_mean_db']:.2f}** / {final['psnr_pooled_db']:.2f} dB",
            f"{blurred['psnr_mean_db']:.2f} / {blurred['psnr_pooled_db']:.2f} dB",
            " then ".join(f"`{commit[:10]}`" for commit in summary["commit"].split(" then ")),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join((*HEADER, *rows))


def updated(page: Path) -> str:
    """Text of a page with its table as the summaries have it now."""
    text = page.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise UserError(f"{page} needs the marks {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n{results_table()}\n{END}{rest.split(END)[1]}"


def main() -> None:
    """Run the command."""
    CommandParser(description=__doc__).parse_args()
    for page in PAGES:
        write_text(page, updated(page))


if __name__ == "__main__":
    run_command(main)
