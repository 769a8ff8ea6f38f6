"""Reproduce the article's baseline: 9-1-5 on luma, T91, 150 epochs.

Trains in runs/baseline, or goes on with the run that stands there, then publishes it: curve, summary and figure to
experiments/results/baseline/, weights to paddle_srcnn/pretrained/baseline.safetensors, and a picture that they restore.
"""

from __future__ import annotations

from runs import publish, publish_example, run

from paddle_srcnn.errors import CommandParser, run_command

# The paper's 9-1-5 trained on T91, scored on Set5 at x3: super-resolution, where the article undoes a blur.
PAPER_DB = 32.39


def main() -> None:
    """Run the command."""
    CommandParser(description=__doc__).parse_args()
    publish(run("baseline"), levels={"paper, x3 super-resolution (another protocol)": PAPER_DB})
    publish_example("baseline", "astronaut")


if __name__ == "__main__":
    run_command(main)
