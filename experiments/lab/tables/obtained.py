"""Table of the results that `train.py --list` shows, which is a file of the package."""

from __future__ import annotations

from lab.paths import RESULTS, read_summary
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.system.files import csv_text

__all__ = ["obtained_csv"]


def obtained_csv() -> str:
    """Return the PSNR of each published recipe as CSV, in the order of the recipes."""
    finals = {name: read_summary(RESULTS / name).final for name in RECIPES if (RESULTS / name).is_dir()}
    return csv_text(
        [
            {"recipe": name, "psnr_mean_db": final.psnr_mean_db, "psnr_pooled_db": final.psnr_pooled_db}
            for name, final in finals.items()
        ]
    )
