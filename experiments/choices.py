"""How `sr_*` came to be trained as it is: changes of where that began, scored on pictures of T91 that are held out.

Neither Set5 nor Set14 has a part in this. Trains 9-1-5 at x3 on T91-rest, 82 pictures, what is not finished yet in
runs/, side by side, 400,000 backprops each; run again after a stop, it goes on. Prints mean PSNR on T91-held-out, the
other 9, and draws the curves.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.recipes import CHOICES
from paddle_srcnn.system.cli import run_command

LABELS = {f"choice_{name}": name.replace("_", " ") for name in CHOICES}


def main() -> None:
    """Run the command."""
    compare_recipes("choices", {"choices": LABELS}, "SRCNN 9-1-5, changes of its training", __doc__)


if __name__ == "__main__":
    run_command(main)
