"""Files of trained models for sparse coding: safetensors, whose metadata name the method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.sparse import anchored, l1
from paddle_srcnn.sparse.anchored import Anchors
from paddle_srcnn.sparse.l1 import Dictionaries
from paddle_srcnn.sparse.patches import WINDOW
from paddle_srcnn.system.files import expanded, is_file, write_safetensors

__all__ = ["METHOD", "SparseModel", "is_sparse_model", "load_model", "packaged_models", "read_arrays", "save_model"]

METHOD = "method"  # key of the metadata that no network has
TRAINED = Path(__file__).parent / "trained"
LAST_ARRAY = {"l1": "high", "anchored": "maps"}


@dataclass(frozen=True)
class SparseModel:
    """A trained model, and what its file says about it.

    Attributes
    ----------
    model : Dictionaries or Anchors
    metadata : mapping of str to str
        ``method``, ``scale``, ``protocol``, ``train``, ``seed``, ...
    """

    model: Dictionaries | Anchors
    metadata: Mapping[str, str]

    @property
    def scale(self) -> int:
        """Factor that the model upscales by."""
        return self.model.scale

    @property
    def title(self) -> str:
        """Name of the method, for people."""
        size = f"{len(self.model.low)} {'atoms' if isinstance(self.model, Dictionaries) else 'anchors'}"
        return f"sparse coding ({self.metadata[METHOD]}, {size})"

    def restore(self, lr: np.ndarray) -> np.ndarray:
        """Upscale luma, (1, H, W) on 0..255, by `l1.restore` or `anchored.restore`."""
        if isinstance(self.model, Dictionaries):
            return l1.restore(lr[0], self.model)[np.newaxis]
        return anchored.restore(lr[0], self.model)[np.newaxis]


def packaged_models() -> list[str]:
    """List the names of the models that come with the package."""
    return sorted(path.stem for path in TRAINED.glob("*.safetensors"))


def _path_of(name_or_path: str | Path) -> Path:
    path = expanded(name_or_path)
    packaged = not is_file(path) and str(name_or_path) in packaged_models()
    return TRAINED / f"{name_or_path}.safetensors" if packaged else path


def is_sparse_model(name_or_path: str | Path) -> bool:
    """Tell whether a name or a file is a model for sparse coding; False for anything that cannot be read."""
    path = _path_of(name_or_path)
    if path.suffix != ".safetensors" or not is_file(path):
        return False
    try:
        return METHOD in read_arrays(path)[1]
    except UserError:
        return False


def read_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Read arrays and metadata of a safetensors file.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in sorted(file.keys())}, file.metadata() or {}
    except (SafetensorError, OSError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} is no readable safetensors file ({error}): replace it") from None


def load_model(name_or_path: str | Path) -> SparseModel:
    """Load a packaged model by name, or a model from a file.

    Raises
    ------
    UserError
        If there is no such file, or it does not hold a finite model.
    """
    path = _path_of(name_or_path)
    if not is_file(path):
        raise UserError(f"no model {name_or_path}: give a .safetensors file, or one of {', '.join(packaged_models())}")
    arrays, metadata = read_arrays(path)
    method, scale = metadata.get(METHOD), metadata.get("scale", "")
    if method not in LAST_ARRAY or scale not in ("2", "3", "4"):
        raise UserError(f"{path} names no method and scale of sparse coding: give another file")
    last = LAST_ARRAY[method]
    patch = (WINDOW * int(scale)) ** 2
    atoms, axes = arrays["low"].shape if arrays.get("low", np.empty(0)).ndim == 2 else (0, 0)
    shapes = {
        "low": (atoms, axes),
        "projection": (4 * patch, axes),
        last: (atoms, patch) if method == "l1" else (atoms, axes, patch),
    }
    if not atoms or {name: array.shape for name, array in arrays.items()} != shapes:
        raise UserError(f"{path}: its arrays do not make a model `{method}` at x{scale}: give another file")
    if any(array.dtype != np.float32 or not np.isfinite(array).all() for array in arrays.values()):
        raise UserError(f"{path} is not finite float32 numbers: give another file")
    kind = Dictionaries if method == "l1" else Anchors
    return SparseModel(kind(int(scale), arrays["projection"], arrays["low"], arrays[last]), metadata)


def save_model(path: Path, model: Dictionaries | Anchors, metadata: Mapping[str, str]) -> None:
    """Write a model as safetensors, whole or not at all; the function adds method, scale and protocol to the metadata.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    method, last = ("l1", model.high) if isinstance(model, Dictionaries) else ("anchored", model.maps)
    arrays = {"projection": model.projection, "low": model.low, LAST_ARRAY[method]: last}
    own = {METHOD: method, "scale": str(model.scale), "protocol": PAPER.name}
    write_safetensors(path, arrays, {**metadata, **own})
