"""Comparison of two checkouts of this project: no computed value may differ.

``python -m benchmarks.checkouts OLD NEW`` lets both run the same commands on the same photographs and compares what
these leave, bit by bit. It drives commands and public names alone, so that modules may move between the two. Each
check prints one line. The exit status is 1 if anything differs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib import metadata
from pathlib import Path

from benchmarks.checkouts import inputs, speed, steps
from benchmarks.checkouts.compare import VOLATILE, Outcome, compare_folders
from benchmarks.checkouts.side import Side, StepError
from benchmarks.checkouts.steps import FOUR
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import CommandParser, positive, run_command

SETS = ("Set5", "Set14")
LIBRARIES = ("numpy", "opencv-python", "paddlepaddle", "pillow", "matplotlib", "scikit-image", "onnx", "safetensors")
DECISIVE = ("inputs", "library", "side", "steps")  # modules that decide what is computed
COMMITTED = ("paddle_srcnn/pretrained", "experiments/results")


def check_step(step: Callable[[Side, Path], None], old: Side, new: Side) -> Outcome:
    """Let both sides take a step, and compare what it leaves."""
    name = step.__name__
    return compare_folders(old.result(name, step), new.result(name, step))


def check_committed(old: Side, new: Side) -> Outcome:
    """Compare the committed weights and results."""
    outcome = Outcome()
    for folder in COMMITTED:
        outcome.add(compare_folders(old.checkout / folder, new.checkout / folder, ignored=frozenset(), exact=True))
    return outcome


def check_resume(old: Side, new: Side) -> Outcome:
    """Compare runs that OLD began and NEW finished with those that OLD did without a stop."""
    whole = old.result("train", steps.train)
    stopped = old.result("train_and_stop", steps.train_and_stop)
    resumed = new.result("resume", partial(steps.resume, stopped=stopped))
    outcome = Outcome()
    for name in FOUR:
        outcome.add(compare_folders(whole / name, resumed / name, ignored=VOLATILE | {"parts"}))
    return outcome


def check_evaluation(old: Side, new: Side) -> Outcome:
    """Compare the scores of all packaged weights, if the sets are on this disk."""
    if old.data is None:
        return Outcome(notes=[f"{' and '.join(SETS)} are not on this disk: set SRCNN_DATA"])
    return check_step(steps.evaluate, old, new)


CHECKS: dict[str, Callable[[Side, Side], Outcome]] = {
    "committed": check_committed,
    "lists": partial(check_step, steps.list_all),
    "library": partial(check_step, steps.use_library),
    "demonstration": partial(check_step, steps.demonstrate),
    "training": partial(check_step, steps.train),
    "resume": check_resume,
    "upscaling": partial(check_step, steps.upscale),
    "exports": partial(check_step, steps.export),
    "evaluation": check_evaluation,
}


def parse_arguments() -> argparse.Namespace:
    """Parse the options of the command line."""
    parser = CommandParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path, metavar="OLD", help="folder of the checkout that is right by definition")
    parser.add_argument("new", type=Path, metavar="NEW", help="folder of the checkout to be compared with it")
    parser.add_argument(
        "--only", nargs="*", choices=CHECKS, default=list(CHECKS), metavar="NAME", help=f"of {', '.join(CHECKS)}"
    )
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="keep OLD's results here, by its commit, for further calls"
    )
    parser.add_argument("--speed", action="store_true", help="measure the speed of both as well, in turn")
    parser.add_argument("--rounds", type=positive, default=7, help="of --speed (default %(default)s)")
    return parser.parse_args()


def checkout_of(path: Path) -> Path:
    """Return the resolved folder of a checkout.

    Raises
    ------
    UserError
        If it is none.
    """
    if not (path / "train.py").is_file() or not (path / "paddle_srcnn").is_dir():
        raise UserError(f"{path} is no checkout of this project: give the folder of train.py")
    return path.resolve()


def data_folder(*checkouts: Path) -> Path | None:
    """Return the folder of Set5 and Set14, the same one for both sides: of `SRCNN_DATA`, or beside a checkout."""
    named = os.environ.get("SRCNN_DATA")
    candidates = [Path(named)] if named else []
    candidates += [checkout.parent / "shared" / "datasets" for checkout in checkouts]
    found = (folder.resolve() for folder in candidates if all((folder / name).is_dir() for name in SETS))
    return next(found, None)


def cache_key(checkout: Path, data: Path | None) -> str:
    """Return a name for OLD's results, from its commit and all else that determines them.

    Raises
    ------
    UserError
        If the checkout has no commit, or tracked files differ from it.
    """
    command = ["git", "-C", str(checkout), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    described = subprocess.run(command, capture_output=True, text=True, check=False)
    commit = described.stdout.strip()
    if described.returncode or commit.endswith("-dirty"):
        raise UserError(f"--cache: {checkout} is not a clean commit, whose results could be kept: leave it out")
    sources = [Path(__file__).with_name(f"{name}.py") for name in DECISIVE]
    decisive = [file.read_text(encoding="utf-8") for file in sources]
    decisive += [f"{name} {metadata.version(name)}" for name in LIBRARIES]
    decisive += [sys.version, str(os.cpu_count()), str(data)]
    return f"{commit[:12]}-{hashlib.sha256(repr(decisive).encode()).hexdigest()[:8]}"


def run_checks(names: list[str], old: Side, new: Side) -> bool:
    """Run checks, print a line for each; return whether all of them found the same."""
    same = True
    for name in names:
        start = time.monotonic()
        try:
            outcome = CHECKS[name](old, new)
        except StepError as error:
            if error.side == old.name:
                raise
            outcome = Outcome(differences=[str(error)])
        same = same and not outcome.differences
        seconds = time.monotonic() - start
        print(f"{name:<14} {outcome.compared:>6} compared: {outcome.sentence()} ({seconds:.0f} s)", flush=True)
    return same


def print_code(side: Side) -> None:
    """Print which code a side's processes ran."""
    used = {files["paddle_srcnn"] for files in side.witnessed if "paddle_srcnn" in files}
    told = f"{len(side.witnessed)} processes, paddle_srcnn from {', '.join(used)}" if used else "no process was needed"
    print(f"{side.name}: {told}")


def prepared_inputs(root: Path) -> Path:
    """Return the folder of the inputs; make it if it is not there yet."""
    folder = root / "inputs"
    if not folder.is_dir():
        partial_folder = Path(tempfile.mkdtemp(prefix="inputs.", dir=root))
        inputs.write_inputs(partial_folder)
        partial_folder.rename(folder)
    return folder


def compare(arguments: argparse.Namespace, work: Path) -> bool:
    """Compare as the options ask, with new results below `work`; return whether nothing differs."""
    checkouts = checkout_of(arguments.old), checkout_of(arguments.new)
    data = data_folder(*checkouts)
    roots = arguments.cache.resolve() / cache_key(checkouts[0], data) if arguments.cache else work / "old", work / "new"
    for root in roots:
        root.mkdir(parents=True, exist_ok=True)
    folder = prepared_inputs(roots[0])
    old, new = (
        Side(name, checkout, root, folder, data)
        for name, checkout, root in zip(("OLD", "NEW"), checkouts, roots, strict=True)
    )
    same = run_checks(arguments.only, old, new)
    for side in (old, new) if arguments.only else ():
        print_code(side)
    if not same:
        print(f"the results stay in {old.root} and {new.root}", flush=True)
    if arguments.speed:
        speed.measure((old, new), arguments.rounds)
    return same


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    work = Path(tempfile.mkdtemp(prefix="checkouts."))
    same = True
    try:
        same = compare(arguments, work)
    finally:
        if same:
            shutil.rmtree(work)
    if not same:
        sys.exit(1)


if __name__ == "__main__":
    sys.argv[0] = "checkouts"  # the name in messages, instead of __main__.py
    run_command(main)
