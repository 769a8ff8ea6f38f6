"""Super-resolution at x2, x3 and x4: 9-1-5, 9-3-5, 9-5-5 and 9-1-5 on RGB, trained as well as T91 alone allows.

9-1-5 has 1,200,000 backprops on T91; larger filters start from its weights, as the package has them, and have 600,000
more. RGB has 600,000. Trains what is not finished yet in runs/, side by side; run again after a stop, it goes on.
Prints mean PSNR on Set5 and draws the curves with the paper's figures.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.system.cli import run_command

PANELS: dict[str, dict[str, str]] = {}
for name, recipe in RECIPES.items():
    if name.startswith("sr_"):
        label = f"{recipe.architecture.name}{' RGB' if recipe.space == 'rgb' else ''}, x{recipe.scale}"
        PANELS.setdefault(f"x{recipe.scale}", {})[name] = label


def main() -> None:
    """Run the command."""
    compare_recipes("super_resolution", PANELS, "SRCNN, super-resolution", __doc__, weights=True)


if __name__ == "__main__":
    run_command(main)
