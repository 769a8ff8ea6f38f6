"""Networks for photos with JPEG's blocks or noise: 9-1-5 and 9-5-5 at x2, x3 and x4, trained on T91 alone.

Each starts from the packaged network for clean images. The script trains in runs/, side by side, and skips finished
runs. After a stop, the same command continues. Then it scores all networks on small images that are clean, compressed
and noisy, and draws an example. All are scored on Set5 and Set14.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS, Run
from lab.compare_recipes import compare_recipes
from lab.paths import read_summary
from lab.photo_networks import SEED, example_figure, measure
from lab.publish import weights_of
from paddle_srcnn import reader
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.environment import code_commit, package_versions
from paddle_srcnn.system.files import write_json


def main() -> None:
    """Run the command."""
    experiment, commit = EXPERIMENTS["photo_networks"], code_commit()  # of the code that scores, before it publishes
    groups, out = compare_recipes(experiment, __doc__)
    sources = {recipe: weights_of(Run(recipe), groups[label][0]) for recipe, label in experiment.labels.items()}
    quick = read_summary(next(iter(groups.values()))[0]).validation_set != "Set5"
    sets = [str(reader.find_picture("coins"))] if quick else ["Set5", "Set14"]
    rows = measure(sets, sources)
    provenance = {"protocol": "paper", "seed_of_noise": SEED, "commit": commit, "versions": package_versions()}
    write_json(out / "scores.json", {**provenance, "rows": rows})
    save_figure(example_figure(sources), out / "example.png")
    print(f"scores and an example are in {out}")


if __name__ == "__main__":
    run_command(main)
