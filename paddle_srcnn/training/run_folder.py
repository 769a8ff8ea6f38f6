"""Folder of a run: the lock on it, and every file that a training leaves in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from paddle_srcnn.errors import RunStopped, UserError
from paddle_srcnn.model.weights import Weights, save_weights
from paddle_srcnn.reporting.curve_plots import curve_figure, run_title, save_figure, summary_levels
from paddle_srcnn.reporting.curves import write_curve
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.system.files import is_file, remove_partial, set_aside, write_json
from paddle_srcnn.system.locks import FolderLock, locked
from paddle_srcnn.training.checkpoints import CHECKPOINT, PREVIOUS, Checkpoint, save_checkpoint

__all__ = ["CURVE", "FIGURE", "SUMMARY", "WEIGHTS", "RunFolder"]

CURVE, SUMMARY, WEIGHTS, FIGURE = "curve.csv", "summary.json", "weights.safetensors", "curve.png"
OUTCOME = (CURVE, SUMMARY, WEIGHTS, FIGURE)
RESULTS = (PREVIOUS, CHECKPOINT, *OUTCOME)  # the newest last of the two that a run goes on from


class RunFolder:
    """Folder of a run; a context manager that keeps other trainings out of it.

    Worker 0 alone locks the folder and writes to it. Files appear whole or not at all.

    Parameters
    ----------
    path : Path
    names : sequence of str
        Names of the validation images, for the curve's columns.
    writes : bool
        False for all workers but worker 0.
    """

    def __init__(self, path: Path, names: Sequence[str], *, writes: bool) -> None:
        self.path, self.writes, self._names = path, writes, names
        self._lock: FolderLock | None = None
        self._stack = ExitStack()

    def __enter__(self) -> RunFolder:
        if self.writes:
            self._lock = self._stack.enter_context(locked(self.path))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def begin(self, checkpoint: Checkpoint, epochs: int, *, resumed: bool) -> None:
        """Write the state that a run starts from, over a checkpoint of the same epoch.

        Results of an earlier run move to a subfolder. So does the outcome of a shorter run that becomes longer. Its
        checkpoint stays.

        Parameters
        ----------
        checkpoint : Checkpoint
        epochs : int
            Length of the whole run.
        resumed : bool
            False for a new run.
        """
        longer = checkpoint.epoch < epochs and is_file(self.path / WEIGHTS)
        self._check()
        remove_partial(self.path, RESULTS)
        set_aside(self.path, RESULTS if not resumed else OUTCOME if longer else ())
        save_checkpoint(self.path / CHECKPOINT, checkpoint)  # a damaged one must not become the previous one
        write_curve(self.path / CURVE, self._names, checkpoint.curve)

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the state after an epoch; the checkpoint before it stays beside it."""
        self._check()
        try:
            save_checkpoint(self.path / CHECKPOINT, checkpoint, keep=self.path / PREVIOUS)
            write_curve(self.path / CURVE, self._names, checkpoint.curve)
        except UserError as error:
            raise RunStopped(str(error)) from error

    def finish(self, summary: Summary, weights: Weights) -> None:
        """Write weights, summary and figure of a finished run."""
        self._check()
        save_weights(self.path / WEIGHTS, weights)
        write_json(self.path / SUMMARY, summary.to_json())
        self._check()
        figure = curve_figure(self.path / CURVE, run_title(summary), summary_levels(summary))
        save_figure(figure, self.path / FIGURE)

    def _check(self) -> None:
        if self._lock is None:
            raise RuntimeError(f"{self.path} is not locked, or belongs to another worker")
        self._lock.check()
