"""Publishing: finished runs, their scores and figures become committed results."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from lab.catalogue import Run
from lab.paths import PRETRAINED, RESULTS, ROOT, RUNS, read_summary
from lab.runs import is_committed, is_on_its_data, recipe_of
from paddle_srcnn.commands.scoring import article_scores, paper_scores
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reporting.curve_plots import curve_figure, run_title, save_figure, summary_levels
from paddle_srcnn.reporting.image_plots import filters_figure
from paddle_srcnn.system.environment import code_commit
from paddle_srcnn.system.files import atomic_path, write_json


def publish(runs: Mapping[Run, Path], *, weights: bool = False) -> None:
    """Copy finished runs into the committed results, with their scores on further sets: all of them, or none.

    Runs in the protocol `paper` have scores on Set5 and Set14, with SSIM and colours. Other runs have scores on Set14.

    Parameters
    ----------
    runs : mapping of Run to Path
        Folder of each run.
    weights : bool
        Take the weights of the first seed into the package as well.

    Raises
    ------
    UserError
        If a run's code was not committed, or its data are not its recipe's. The function then publishes nothing.
    """
    commit = code_commit()  # of the code that scores, before it writes anything
    for run, out in runs.items():
        summary, recipe = read_summary(out), recipe_of(run)
        if not is_on_its_data(summary, recipe):
            raise UserError(
                f"results in {out} are not on all of {recipe.training_set} and {recipe.validation_set}, which their "
                "recipe names: train anew"
            )
        if not is_committed(summary.commit):
            raise UserError(f"results in {out} are of uncommitted code: commit, and train anew in an empty folder")
    scores = {run: further_scores(run, out, commit) for run, out in runs.items()}
    for run, out in runs.items():
        copy(out / "curve.csv", run.results / "curve.csv")
        for name, score in scores[run].items():
            write_json(run.results / f"{name}.json", score)
        if weights and run.seed == 0:
            copy(out / "weights.safetensors", PRETRAINED / f"{run.name}.safetensors")
        draw(run, out)
        copy(out / "summary.json", run.results / "summary.json")  # the last: it marks a run as published
        print(f"published in {run.results}")


def weights_of(run: Run, out: Path) -> Path:
    """Return the file of a run's weights: in its folder, or in the package if the folder is the committed results."""
    return PRETRAINED / f"{run.name}.safetensors" if out == run.results else out / "weights.safetensors"


def further_scores(run: Run, out: Path, commit: str) -> dict[str, dict[str, Any]]:
    """Score a run's weights on the sets that its summary does not have; return the scores by set."""
    weights = load_weights(out / "weights.safetensors")
    if recipe_of(run).protocol.upscales:
        return {name: paper_scores(weights, name, commit=commit) for name in ("Set5", "Set14")}
    return {"Set14": article_scores(weights, "Set14", commit=commit)}


def draw(run: Run, out: Path) -> None:
    """Draw a published run's curve, and the first filters of its packaged weights."""
    summary = read_summary(out)
    figure = curve_figure(out / "curve.csv", run_title(summary), summary_levels(summary))
    save_figure(figure, run.results / "curve.png")
    packaged = PRETRAINED / f"{run.name}.safetensors"
    if packaged.is_file():
        filters = load_weights(packaged).parameters["conv1.weight"]
        shown = "the strongest first, each stretched to its own extremes"
        title = f"{run.recipe}: filters of the first layer, trained on T91\n{shown}"
        save_figure(filters_figure(filters, title), run.results / "filters.png")


def publish_example(recipe: str, image: str) -> None:
    """Publish the figure of an image restored with a recipe's packaged weights; the image must be free to show.

    Raises
    ------
    UserError
        If the restoration fails.
    """
    out = RUNS / recipe / "example"
    command = [sys.executable, str(ROOT / "infer.py"), "--image", image, "--weights", recipe, "--out", str(out)]
    if status := subprocess.run(command, check=False).returncode:
        raise UserError(f"the restoration of {image} ended with exit status {status}: mend what it says")
    with Image.open(out / f"{image}_comparison.png") as file:
        figure = file.convert("RGB")
    figure.thumbnail((1000, 1000))
    with atomic_path(RESULTS / recipe / f"{image}_comparison.jpg") as temporary:  # much smaller than the PNG
        figure.save(temporary, quality=85)


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise UserError(f"{source} cannot be read ({error.strerror}): train its run anew") from None
    with atomic_path(target) as temporary:
        temporary.write_bytes(content)
