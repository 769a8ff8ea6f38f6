"""Runs of recipes: trained side by side by the real command, and known as finished by their summaries."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from tqdm import tqdm

from lab.catalogue import Run
from lab.paths import RESULTS, ROOT, RUNS, read_summary
from paddle_srcnn import reader
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES, RandomPatches, Recipe, vary
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.system.cli import CommandParser, positive
from paddle_srcnn.system.environment import code_commit, core_count
from paddle_srcnn.training.checkpoints import has_checkpoint

QUICK_IMAGE = "coins"  # of scikit-image, which needs no download
QUICK_EPOCHS = 3
QUICK_PATCHES = 400
POLL_SECONDS = 0.2


def experiment_arguments(description: str | None, *, seeds: int | None = None) -> argparse.Namespace:
    """Parse the options of an experiment: `quick`, `publish`, and `seeds` (its default number) for those that train."""
    parser = CommandParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    published = " and, of full runs, weights into paddle_srcnn/pretrained/" if seeds else ""
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
        help="a rehearsal on photographs of scikit-image, "
        + ("a few epochs long, in runs/quick/: its numbers mean nothing" if seeds else "in runs/quick/"),
    )
    how.add_argument(
        "--publish",
        action="store_true",
        help=f"take the results into experiments/results/{published}; needs committed code",
    )
    arguments = parser.parse_args()
    if seeds and arguments.seeds is None:
        arguments.seeds = 1 if arguments.quick else seeds
    if arguments.publish and not is_committed(commit := code_commit()):
        raise UserError(f"--publish: results need the commit of their code, which is {commit}: commit first")
    return arguments


def results_folder(experiment: str, arguments: argparse.Namespace) -> Path:
    """Return the folder of an experiment's table and figures."""
    if arguments.publish:
        return RESULTS / experiment
    return runs_folder(quick=arguments.quick) / experiment


def runs_folder(*, quick: bool) -> Path:
    """Return the folder of runs that are not published; rehearsals have their own."""
    return RUNS / "quick" if quick else RUNS


def is_committed(commit: str) -> bool:
    """Tell whether a commit, or the commits of a run's parts, name all of the code."""
    return "changed" not in commit and "unknown" not in commit


def recipe_of(run: Run, *, quick: bool = False) -> Recipe:
    """Return the recipe with the run's seed; a rehearsal has fewer epochs and patches."""
    recipe = vary(RECIPES[run.recipe], seed=run.seed)
    if not quick:
        return recipe
    fewer = {"count": QUICK_PATCHES} if isinstance(recipe.patches, RandomPatches) else {}
    return vary(recipe, epochs=QUICK_EPOCHS, **fewer)


def train_all(runs: Sequence[Run], *, quick: bool = False) -> list[Path]:
    """Train the runs that are not finished, side by side: as many at a time as there are cores.

    A stopped run continues from its checkpoint. The number of threads of each does not depend on the runs that were
    finished before, so an interruption changes nothing.

    Returns
    -------
    list of Path
        Folder of each run, which holds its curve, summary, weights and ``log.txt``.

    Raises
    ------
    UserError
        If a training failed. The message names its log, and comes after the other trainings have ended.
    """
    folders = [runs_folder(quick=quick) / run.name for run in runs]
    recipes = [recipe_of(run, quick=quick) for run in runs]
    waiting = [
        (recipe, out) for recipe, out in zip(recipes, folders, strict=True) if not is_finished(out, recipe, quick=quick)
    ]
    with tqdm(total=sum(recipe.schedule.epochs for recipe in recipes), unit="epoch", disable=None) as bar:
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
    """Train `count` recipes at a time, each in its folder, until none is left; return the failed ones with reasons."""
    waiting, failed = list(waiting), []
    running: dict[Path, subprocess.Popen[bytes]] = {}
    # A signal is noted, and obeyed between two looks at the trainings: none is being started then, none outlives this.
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
        except KeyboardInterrupt:
            raise KeyboardInterrupt("the same command goes on where it was") from None
        finally:
            signal.signal(signal.SIGTERM, before)
            for process in running.values():
                process.terminate()
                process.wait()
    return failed


def last_line(log: Path) -> str:
    """Return the last line that a training printed; its log may have gone with its folder."""
    try:
        return (log.read_text(encoding="utf-8", errors="replace").splitlines() or ["it printed nothing"])[-1]
    except OSError as error:
        return f"{log} cannot be read: {error.strerror}"


def start(recipe: Recipe, out: Path, threads: int, quick: bool, logs: ExitStack) -> subprocess.Popen[bytes]:
    """Start a training, or continue it."""
    command = [sys.executable, str(ROOT / "train.py"), "--exp", recipe.name, "--seed", str(recipe.seed)]
    command += ["--epochs", str(recipe.schedule.epochs), "--out", str(out), "--threads", str(threads)]
    if quick:
        image = str(reader.find_picture(QUICK_IMAGE))
        command += ["--train-data", image, "--val-data", image]
        command += ["--patches", str(recipe.patches.count)] if isinstance(recipe.patches, RandomPatches) else []
    else:
        command += ["--train-data", recipe.training_set, "--val-data", recipe.validation_set]
    if has_checkpoint(out):
        command.append("--resume")
    try:
        out.mkdir(parents=True, exist_ok=True)
        log: IO[bytes] = logs.enter_context((out / "log.txt").open("ab"))
    except OSError as error:
        raise UserError(f"{out} cannot be written to ({error.strerror}): start this from another folder") from None
    return subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)


def is_finished(out: Path, recipe: Recipe, *, quick: bool = False) -> bool:
    """Tell whether a folder holds the finished run of a recipe, on the recipe's data unless it is a rehearsal.

    Raises
    ------
    UserError
        If its summary cannot be read or is no summary.
    """
    if not (out / "summary.json").is_file():
        return False
    summary = read_summary(out)
    # Early summaries lack settings that recipes have since; those had their defaults, which change nothing.
    wanted, defaults = (json.loads(json.dumps(each.settings())) for each in (recipe, Recipe(recipe.name)))
    try:
        same = {**defaults, **summary.settings} == wanted
        return same and (quick or is_on_its_data(summary, recipe))
    except (KeyError, TypeError) as error:
        raise UserError(f"{out / 'summary.json'} is no summary of a run ({error!r}): mend it or move it away") from None


def is_on_its_data(summary: Summary, recipe: Recipe) -> bool:
    """Tell whether a run was trained and scored on all of the sets that its recipe names."""
    sets = [(data["name"], data["pictures"]) for data in (summary.data["train"], summary.data["validation"])]
    return sets == [(name, len(reader.file_names(name))) for name in (recipe.training_set, recipe.validation_set)]


def epochs_done(out: Path) -> int:
    """Count the epochs in a run's curve so far."""
    try:
        return max(len((out / "curve.csv").read_text(encoding="utf-8").splitlines()) - 2, 0)
    except OSError:
        return 0
