"""The command `srcnn dictionaries`: train the models of sparse coding, which came before SRCNN."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from paddle_srcnn.commands.scoring import SCALES
from paddle_srcnn.errors import UserError
from paddle_srcnn.reader import choose_datasets
from paddle_srcnn.sparse.files import read_arrays, save_model
from paddle_srcnn.sparse.learning import METHODS, Settings, State, learn, model_of
from paddle_srcnn.sparse.samples import read_lumas
from paddle_srcnn.system.cli import CommandParser, positive, whole_number
from paddle_srcnn.system.environment import code_commit
from paddle_srcnn.system.files import (
    checksum,
    expanded,
    is_file,
    is_within,
    remove_partial,
    set_aside,
    write_safetensors,
)
from paddle_srcnn.system.locks import locked

__all__ = ["main"]

CHECKPOINT, MODEL = "checkpoint.safetensors", "weights.safetensors"
SAVE_SECONDS = 20.0  # between checkpoints: one of anchors has some ten megabytes
DESCRIPTION = """\
Train the dictionaries of sparse coding (l1, as Yang et al.) or the anchors of A+ (anchored, as Timofte et al.).

The results are in --out: weights.safetensors, for `srcnn evaluate`, and checkpoint.safetensors, for --resume. The same
seed, images and number of threads give the same bits. Needs scikit-learn: pip install 'paddle-srcnn[sparse]'.
"""


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", required=True, choices=tuple(METHODS), help="kind of the model")
    parser.add_argument("--scale", type=int, choices=SCALES, default=3, help="factor (default %(default)s)")
    parser.add_argument("--train-data", metavar="SET", help="T91, samples or a folder (default T91)")
    parser.add_argument("--atoms", type=positive, metavar="N", help="atoms or anchors (default 512 or 1024)")
    parser.add_argument("--samples", type=positive, metavar="N", help="patches that train the dictionary")
    parser.add_argument("--passes", type=positive, metavar="N", help="passes over these patches (default 8 or 12)")
    parser.add_argument("--seed", type=whole_number, default=0, metavar="N", help="default %(default)s")
    parser.add_argument("--out", type=expanded, metavar="DIR", help="default runs/sparse_METHOD_xSCALE")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    given = {name: getattr(arguments, name) for name in ("atoms", "samples", "passes") if getattr(arguments, name)}
    settings = replace(METHODS[arguments.method], scale=arguments.scale, seed=arguments.seed, **given)
    out = arguments.out or Path("runs") / f"sparse_{settings.method}_x{settings.scale}"
    if arguments.train_data and is_within(out, expanded(arguments.train_data)):
        raise UserError(f"--out {out} lies within --train-data, whose next run would read it: give another --out")
    if arguments.resume and not is_file(out / CHECKPOINT):
        raise UserError(f"--resume: there is no {out / CHECKPOINT}: leave the option out to begin")
    dataset = choose_datasets(arguments.train_data, "samples")[0]
    lumas = read_lumas(dataset.files, settings.scale)
    print(f"{dataset.name}: {len(lumas)} images in {dataset.found}", flush=True)
    commit = code_commit()  # before the training, which takes minutes
    run = {"settings": json.dumps(asdict(settings), sort_keys=True), "images": checksum(lumas)}
    with locked(out):
        state = _read_state(out / CHECKPOINT, run) if arguments.resume else None
        remove_partial(out, (CHECKPOINT, MODEL))
        if not arguments.resume:
            set_aside(out, (CHECKPOINT, MODEL))
        state = _train(lumas, settings, state, out, run)
        metadata = {**run, "train": dataset.name, "seed": str(settings.seed), "commit": commit}
        save_model(out / MODEL, model_of(state, settings), metadata)
    print(f"results are in {out}")


def _train(lumas: list[np.ndarray], settings: Settings, state: State | None, out: Path, run: dict[str, str]) -> State:
    """Train to the end; save the state now and then, and at the end."""
    saved = time.monotonic()
    for latest in _shown(learn(lumas, settings, state)):
        if time.monotonic() - saved > SAVE_SECONDS or latest.done == latest.total:
            position = {"stage": latest.stage, "done": str(latest.done), "total": str(latest.total)}
            write_safetensors(out / CHECKPOINT, latest.arrays, {**run, **position})
            saved = time.monotonic()
    return latest


def _shown(states: Iterator[State]) -> Iterator[State]:
    """Show the progress of states on the terminal: a bar for each stage."""
    stage, bar = "", tqdm(disable=True)
    for state in states:
        if state.stage != stage:
            bar.close()
            stage, unit = state.stage, {"dictionary": "pass", "maps": "anchor"}[state.stage]
            bar = tqdm(desc=stage, total=state.total, initial=state.done, unit=unit, disable=None)
        bar.update(state.done - bar.n)
        yield state
    bar.close()


def _read_state(path: Path, run: dict[str, str]) -> State:
    """Read the state of a stopped training with the same settings and images."""
    arrays, metadata = read_arrays(path)
    different = [name for name, value in run.items() if metadata.get(name) != value]
    if different:
        raise UserError(f"--resume: {path} has other {' and '.join(different)}: repeat its options, or leave --resume")
    return State(metadata["stage"], int(metadata["done"]), int(metadata["total"]), arrays)
