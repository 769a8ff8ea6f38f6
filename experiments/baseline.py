"""Reproduce the article's baseline: 9-1-5 on luma, T91, 150 epochs, scored on Set5.

Trains in runs/baseline, or goes on with the run that stands there.
"""

from __future__ import annotations

from lab.publish import draw, publish, publish_example
from lab.runs import (
    Run,
    experiment_arguments,
    is_finished,
    read_summary,
    recipe_of,
    train_all,
)
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.training.summary import describe


def main() -> None:
    """Run the command."""
    arguments = experiment_arguments(__doc__, seeds=1)
    runs = [Run("baseline", seed) for seed in range(arguments.seeds)]
    # What is published stays: other networks started from its weights.
    published = [run for run in runs if arguments.publish and is_finished(run.results, recipe_of(run))]
    trained = [run for run in runs if run not in published]
    folders = dict(zip(trained, train_all(trained, quick=arguments.quick), strict=True))
    for out in folders.values():
        print(describe(read_summary(out)))
    if arguments.publish:
        publish(folders, weights=True)
        for run in published:
            draw(run, run.results)
        publish_example("baseline", "astronaut")


if __name__ == "__main__":
    run_command(main)
