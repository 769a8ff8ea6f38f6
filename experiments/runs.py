"""Run recipes side by side by the real command, and publish finished runs among the committed results."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from evaluate import evaluate
from PIL import Image
from places import PRETRAINED, RESULTS, ROOT, RUNS, read_json
from tqdm import tqdm

import reader
from paddle_srcnn.errors import CommandParser, UserError, positive
from paddle_srcnn.files import atomic_path, write_json
from paddle_srcnn.machine import core_count
from paddle_srcnn.picture_plots import filters_figure
from paddle_srcnn.plots import curve_figure, run_title, save_figure, summary_levels
from paddle_srcnn.provenance import code_commit
from paddle_srcnn.recipes import RECIPES, Recipe
from paddle_srcnn.weights import load_weights

QUICK_PICTURE = "coins"  # of the built-in photographs, which are there without any download
QUICK_EPOCHS = 3
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Run:
    """A recipe with a seed: one training, one folder of results."""

    recipe: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Name of its folder in ``runs/``."""
        return f"{self.recipe}_seed{self.seed}" if self.seed else self.recipe

    @property
    def results(self) -> Path:
        """Its folder among the committed results."""
        return RESULTS / self.recipe / (f"seed{self.seed}" if self.seed else "")


def experiment_arguments(description: str | None, *, seeds: int | None = None) -> argparse.Namespace:
    """Options of every experiment: `quick`, `publish`, and `seeds` (how many by default) for those that train."""
    parser = CommandParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    if seeds:
        parser.add_argument(
            "--seeds",
            type=positive,
            metavar="N",
            help=f"runs of each recipe, seeds 0 to N-1 (default {seeds}, with --quick 1)",
        )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--quick",
        action="store_true",
        help="a rehearsal on photographs of scikit-image, a few epochs long, in runs/quick/: its numbers mean nothing",
    )
    how.add_argument(
        "--publish",
        action="store_true",
        help="take the results into experiments/results/ and paddle_srcnn/pretrained/; needs committed code",
    )
    arguments = parser.parse_args()
    if seeds and arguments.seeds is None:
        arguments.seeds = 1 if arguments.quick else seeds
    if arguments.publish and not is_committed(commit := code_commit()):
        raise UserError(f"--publish: results need the commit of their code, which is {commit}: commit first")
    return arguments


def results_folder(experiment: str, arguments: argparse.Namespace) -> Path:
    """Where an experiment's table and figures go."""
    if arguments.publish:
        return RESULTS / experiment
    return runs_folder(quick=arguments.quick) / experiment


def runs_folder(*, quick: bool) -> Path:
    """Where the runs are that are not published: rehearsals apart from the others."""
    return RUNS / "quick" if quick else RUNS


def is_committed(commit: str) -> bool:
    """Whether a commit, or the commits of a run's parts, name all of the code."""
    return "changed" not in commit and "unknown" not in commit


def recipe_of(run: Run, *, quick: bool = False) -> Recipe:
    """The recipe as the run has it."""
    recipe = replace(RECIPES[run.recipe], seed=run.seed)
    return replace(recipe, epochs=QUICK_EPOCHS) if quick else recipe


def train_all(runs: Sequence[Run], *, quick: bool = False) -> list[Path]:
    """Train what is not finished yet, as many runs side by side as there are cores.

    A run that was stopped goes on from its checkpoint. The number of threads of each does not depend on what was
    finished before, so that an interruption changes nothing.

    Returns
    -------
    list of Path
        Folder of each run, which holds its curve, summary, weights and ``log.txt``.

    Raises
    ------
    UserError
        If a training ended in an error, after all others have ended; its log is named.
    """
    folders = [runs_folder(quick=quick) / run.name for run in runs]
    recipes = [recipe_of(run, quick=quick) for run in runs]
    waiting = [
        (recipe, out) for recipe, out in zip(recipes, folders, strict=True) if not is_finished(out, recipe, quick=quick)
    ]
    with tqdm(total=sum(recipe.epochs for recipe in recipes), unit="epoch", disable=None) as bar:
        failed = side_by_side(waiting, min(core_count(), len(runs)), quick, lambda: _show(bar, folders))
    if failed:
        raise UserError(
            f"training failed in {', '.join(failed)}: mend what it says, or move its folder away, and run this again"
        )
    return folders


def _show(bar: tqdm, folders: Sequence[Path]) -> None:
    bar.update(sum(map(epochs_done, folders)) - bar.n)


def side_by_side(
    waiting: Sequence[tuple[Recipe, Path]], count: int, quick: bool, show: Callable[[], None]
) -> list[str]:
    """Train `count` recipes at a time, each in its folder, until none is left; returns what failed, and why."""
    waiting, running, failed = list(waiting), {}, []
    # Noted and acted on between two looks at the trainings, so that none is being started and none outlives this.
    stopped: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
    with ExitStack() as logs:
        try:
            while waiting or running:
                if stopped:
                    sys.exit(128 + stopped[0])
                while waiting and len(running) < count:
                    recipe, out = waiting.pop(0)
                    running[out] = start(recipe, out, core_count() // count, quick, logs)
                time.sleep(POLL_SECONDS)
                show()
                for out in [out for out, process in running.items() if process.poll() is not None]:
                    if status := running.pop(out).returncode:
                        failed.append(f"{out} with status {status} ({last_line(out / 'log.txt')})")
        except KeyboardInterrupt:  # which the trainings have received as well
            for process in running.values():
                process.wait()
            raise KeyboardInterrupt("the same command goes on where it was") from None
        finally:
            signal.signal(signal.SIGTERM, before)
            for process in running.values():
                process.terminate()
                process.wait()
    return failed


def last_line(log: Path) -> str:
    """Last thing that a training said."""
    return (log.read_text(encoding="utf-8", errors="replace").splitlines() or ["it said nothing"])[-1]


def start(recipe: Recipe, out: Path, threads: int, quick: bool, logs: ExitStack) -> subprocess.Popen[bytes]:
    """Start a training, or go on with it."""
    command = [sys.executable, str(ROOT / "train.py"), "--exp", recipe.name, "--seed", str(recipe.seed)]
    command += ["--epochs", str(recipe.epochs), "--out", str(out), "--threads", str(threads)]
    if quick:
        picture = str(reader.find_picture(QUICK_PICTURE))
        command += ["--train-data", picture, "--val-data", picture]
    else:
        command += ["--train-data", "T91", "--val-data", "Set5"]
    if (out / "checkpoint.safetensors").exists():
        command.append("--resume")
    try:
        out.mkdir(parents=True, exist_ok=True)
        log: IO[bytes] = logs.enter_context((out / "log.txt").open("ab"))
    except OSError as error:
        raise UserError(f"{out} cannot be written to ({error.strerror}): start this from another folder") from None
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def read_summary(out: Path) -> dict[str, Any]:
    """Summary of a finished run."""
    return read_json(out / "summary.json")


def is_finished(out: Path, recipe: Recipe, *, quick: bool = False) -> bool:
    """Whether a folder holds the finished run of a recipe, on the article's data unless it is a rehearsal."""
    if not (out / "summary.json").is_file():
        return False
    summary = read_summary(out)
    # Settings that recipes did not have when it ran are taken at their defaults, which change nothing.
    wanted, defaults = (json.loads(json.dumps(asdict(of))) for of in (recipe, Recipe(recipe.name)))
    same = {**defaults, **summary.get("settings", {})} == wanted
    return same and (quick or is_on_the_articles_data(summary))


def is_on_the_articles_data(summary: Mapping[str, Any]) -> bool:
    """Whether a run was trained on all of T91 and scored on all of Set5."""
    sets = [(data["name"], data["pictures"]) for data in (summary["data"]["train"], summary["data"]["validation"])]
    return sets == [("T91", 91), ("Set5", 5)]


def epochs_done(out: Path) -> int:
    """Epochs in a run's curve so far."""
    try:
        return max(len((out / "curve.csv").read_text(encoding="utf-8").splitlines()) - 2, 0)
    except OSError:
        return 0


def publish(runs: Mapping[Run, Path], *, weights: bool = False, levels: Mapping[str, float] | None = None) -> None:
    """Take finished runs into the committed results, with their scores on Set14: all of them, or none.

    Parameters
    ----------
    runs : mapping of Run to Path
        Folder of each run.
    weights : bool
        Take the weights of the first seed into the package as well.
    levels : mapping of str to float, optional
        Further lines of the figures: label and PSNR in dB.

    Raises
    ------
    UserError
        If a run's code was not committed, or its data are not the article's: the results stay where they are.
    """
    commit = code_commit()  # before anything is written
    for out in runs.values():
        summary = read_summary(out)
        if not is_on_the_articles_data(summary):
            raise UserError(f"results in {out} are not on T91 and Set5, the only ones that are published: train anew")
        if not is_committed(summary["commit"]):
            raise UserError(f"results in {out} are of uncommitted code: commit, and train anew in an empty folder")
    scores = {
        run: evaluate(load_weights(out / "weights.safetensors"), "Set14", commit=commit) for run, out in runs.items()
    }
    for run, out in runs.items():
        for name in ("curve.csv", "summary.json"):
            copy(out / name, run.results / name)
        write_json(run.results / "Set14.json", scores[run])
        summary = read_summary(out)
        shown = {**summary_levels(summary), **(levels or {})}
        save_figure(curve_figure(out / "curve.csv", run_title(summary), shown), run.results / "curve.png")
        if weights and run.seed == 0:
            publish_weights(run, out)
        print(f"published in {run.results}")


def publish_weights(run: Run, out: Path) -> None:
    """Take a run's weights into the package, and a picture of its first filters into the results."""
    copy(out / "weights.safetensors", PRETRAINED / f"{run.name}.safetensors")
    filters = load_weights(out / "weights.safetensors").parameters["conv1.weight"]
    title = f"{run.recipe}: filters of the first layer, trained on T91, the strongest first"
    save_figure(filters_figure(filters, title), run.results / "filters.png")


def publish_example(recipe: str, picture: str) -> None:
    """Publish the figure of a picture restored with a recipe's packaged weights; the picture must be free to show."""
    out = RUNS / recipe / "example"
    command = [sys.executable, str(ROOT / "infer.py"), "--image", picture, "--weights", recipe, "--out", str(out)]
    if status := subprocess.run(command, check=False).returncode:
        raise UserError(f"the restoration of {picture} ended with exit status {status}: mend what it says")
    with Image.open(out / f"{picture}_comparison.png") as file:
        figure = file.convert("RGB")
    figure.thumbnail((1000, 1000))
    with atomic_path(RESULTS / recipe / f"{picture}_comparison.jpg") as temporary:  # much smaller than the PNG
        figure.save(temporary, quality=85)


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    try:
        content = source.read_bytes()
    except OSError as error:
        raise UserError(f"{source} cannot be read ({error.strerror}): train its run anew") from None
    with atomic_path(target) as temporary:
        temporary.write_bytes(content)
