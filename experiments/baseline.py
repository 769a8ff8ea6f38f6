"""The article's baseline: 9-1-5 on luma, T91, 150 epochs, scored on Set5.

The script trains in runs/baseline. After a stop, the same command continues. It skips a finished run.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.paths import read_summary
from lab.publish import draw, publish, publish_example
from lab.runs import experiment_arguments, is_finished, recipe_of, train_all
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    arguments = experiment_arguments(__doc__, seeds=1)
    runs = EXPERIMENTS["baseline"].runs(arguments.seeds)
    # Published runs stay: other networks started from its weights.
    published = [run for run in runs if arguments.publish and is_finished(run.results, recipe_of(run))]
    trained = [run for run in runs if run not in published]
    folders = dict(zip(trained, train_all(trained, quick=arguments.quick), strict=True))
    for out in folders.values():
        print(read_summary(out).describe())
    if arguments.publish:
        publish(folders, weights=True)
        for run in published:
            draw(run, run.results)
        publish_example("baseline", "astronaut")


if __name__ == "__main__":
    run_command(main)
