"""Reproduce the article's baseline: 9-1-5 on luma, T91, 150 epochs, scored on Set5.

Trains in runs/baseline, or goes on with the run that stands there.
"""

from __future__ import annotations

from publishing import publish, publish_example
from runs import Run, experiment_arguments, read_summary, train_all

from paddle_srcnn.errors import run_command
from paddle_srcnn.summary import describe

# The paper's 9-1-5 trained on T91, scored on Set5 at x3: super-resolution, where the article undoes a blur.
PAPER_DB = 32.39


def main() -> None:
    """Run the command."""
    arguments = experiment_arguments(__doc__, seeds=1)
    runs = [Run("baseline", seed) for seed in range(arguments.seeds)]
    folders = train_all(runs, quick=arguments.quick)
    for out in folders:
        print(describe(read_summary(out)))
    if arguments.publish:
        levels = {"paper, x3 super-resolution (another protocol)": PAPER_DB}
        publish(dict(zip(runs, folders, strict=True)), weights=True, levels=levels)
        publish_example("baseline", "astronaut")


if __name__ == "__main__":
    run_command(main)
