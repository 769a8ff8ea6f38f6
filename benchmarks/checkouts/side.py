"""One of two checkouts: the start of its processes, and the proof that they run its code."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from benchmarks.checkouts.guard import WITNESS
from paddle_srcnn.errors import UserError

GUARD = Path(__file__).resolve().parent / "guard.py"
INPUTS = "inputs"  # name of the link to the inputs in each working folder
SIDE_BY_SIDE = 2  # commands, most of which load libraries on one core for most of their time


class StepError(UserError):
    """A command of one side that did not end as it should; `side` is the side's name."""

    def __init__(self, side: str, message: str) -> None:
        self.side = side
        super().__init__(f"{side}: {message}")


@dataclass(frozen=True)
class Command:
    """Arguments for the interpreter, and the file for those parts of the output that are compared."""

    arguments: tuple[str, ...]
    output: str = ""
    pattern: str = r".+"


@dataclass
class Side:
    """One of the two checkouts.

    Parameters
    ----------
    name : str
        ``OLD`` or ``NEW``.
    checkout : Path
    root : Path
        Folder of the results, one subfolder for each step.
    inputs : Path
        See `benchmarks.checkouts.inputs`.
    data : Path, optional
        Folder of the known data sets.
    witnessed : list of dict of str to str
        For each process, the files of the project's modules that it imported, by name of the module.
    """

    name: str
    checkout: Path
    root: Path
    inputs: Path
    data: Path | None = None
    witnessed: list[dict[str, str]] = field(default_factory=list)

    def result(self, step: str, make: Callable[[Side, Path], None]) -> Path:
        """Return the folder of a step's results; make it if it is not there yet."""
        path = self.root / step
        if not path.is_dir():
            partial = Path(tempfile.mkdtemp(prefix=f"{step}.", dir=self.root))
            try:
                (partial / INPUTS).symlink_to(self.inputs.resolve())
                make(self, partial)
                (partial / INPUTS).unlink()
                partial.rename(path)
            finally:
                shutil.rmtree(partial, ignore_errors=True)
        return path

    def environment(self, witness: Path) -> dict[str, str]:
        """Return an environment in which Python finds this checkout first, and records in `witness` the code it ran."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("SRCNN_", "PADDLE_"))}
        return {
            **kept,
            "PYTHONPATH": os.pathsep.join((str(self.checkout), str(witness.parent))),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SRCNN_CACHE": str(witness.parent / "cache"),
            WITNESS: str(witness),
            **({"SRCNN_DATA": str(self.data)} if self.data else {}),
        }

    def start(self, arguments: Sequence[str], folder: Path, witness: Path) -> subprocess.Popen[str]:
        """Start a process of this checkout in a folder."""
        shutil.copyfile(GUARD, witness.parent / "sitecustomize.py")
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=folder,
            env=self.environment(witness),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, command: Command, folder: Path) -> None:
        """Run a command in a folder, and check that it ran the code of this checkout."""
        with tempfile.TemporaryDirectory() as beside:
            witness = Path(beside) / "witness"
            process = self.start(command.arguments, folder, witness)
            stdout, stderr = process.communicate()
            if process.returncode:
                raise self.failure(command.arguments, process.returncode, stderr)
            self.check_witness(witness)
        if command.output:
            found = re.findall(command.pattern, stdout)
            (folder / command.output).write_text("\n".join(found), encoding="utf-8")

    def failure(self, arguments: Sequence[str], status: int, stderr: str) -> StepError:
        """Return the error for a command that ended as it should not."""
        last = (stderr.strip().splitlines() or ["no message"])[-1]
        return StepError(self.name, f"{' '.join(arguments)} ended with exit status {status}: {last}")

    def run_all(self, commands: Sequence[Command], folder: Path) -> None:
        """Run commands in a folder, some of them side by side."""
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            done: Iterator[None] = pool.map(lambda command: self.run(command, folder), commands)
            for _ in tqdm(done, total=len(commands), desc=f"{self.name} {folder.name}", leave=False, disable=None):
                pass

    def check_witness(self, witness: Path) -> None:
        """Check that a process imported the project's modules from this checkout alone.

        Raises
        ------
        StepError
            If it did not, or imported none of them.
        """
        lines = witness.read_text(encoding="utf-8").splitlines() if witness.is_file() else []
        witnessed = [json.loads(line) for line in lines]
        for files in witnessed:
            foreign = [file for file in files.values() if not Path(file).is_relative_to(self.checkout)]
            if foreign:
                raise StepError(self.name, f"a process imported {foreign[0]}, which is not of {self.checkout}")
        if not any("paddle_srcnn" in files for files in witnessed):
            raise StepError(self.name, "a process did not import paddle_srcnn")
        self.witnessed.extend(witnessed)

    def script(self, name: str) -> str:
        """Return the path of one of the checkout's scripts."""
        return str(self.checkout / name)

    def packaged(self) -> list[str]:
        """Return the names of the packaged weights."""
        return sorted(path.stem for path in (self.checkout / "paddle_srcnn" / "pretrained").glob("*.safetensors"))
