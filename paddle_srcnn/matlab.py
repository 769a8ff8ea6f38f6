"""The authors' own weights, from the MATLAB files that they published."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from scipy.io import loadmat, whosmat

from paddle_srcnn.errors import UserError
from paddle_srcnn.files import is_file
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.weights import Weights, architecture_of

LARGEST = 10_000_000  # numbers in an array; the widest network of the paper has 0.4 million weights in all
METADATA = {
    "recipe": "the authors' weights",
    "protocol": PAPER,
    "colour": "luma, 16..235 (MATLAB's rgb2ycbcr)",
    "value_range": "0..1",
}


def load_matlab_weights(path: Path) -> Weights:
    """Load weights in the authors' layout.

    ``weights_conv1`` is (f1 * f1, n1), ``weights_conv2`` (n1, f2 * f2, n2) and ``weights_conv3`` (n2, f3 * f3), with
    each filter flattened column by column; ``biases_conv1`` is (n1, 1), and so on. Nothing in the file is executed.

    Raises
    ------
    UserError
        If there is no such file, or it does not hold finite numbers in this layout.
    """
    if not is_file(path):
        raise UserError(f"no weights {path}: give a .mat file")
    names = [f"{kind}_conv{layer}" for layer in (1, 2, 3) for kind in ("weights", "biases")]
    try:
        shapes = {name: shape for name, shape, _ in whosmat(path)}
        lacking = [name for name in names if name not in shapes]
        if lacking:
            raise UserError(f"{path} lacks {', '.join(lacking)}: it holds no SRCNN in the authors' layout")
        if any(math.prod(shapes[name]) > LARGEST for name in names):
            raise UserError(f"{path} is larger than any SRCNN (arrays of {shapes}): replace it")
        arrays = {name: loadmat(path, variable_names=[name])[name] for name in names}
    except UserError:
        raise
    except Exception as error:  # whatever the reader trips over in a damaged file
        raise UserError(f"{path} is no readable MATLAB file, version 4 to 7 ({error}): replace it") from None
    for name, array in arrays.items():
        if array.dtype.kind not in "fiu":
            raise UserError(f"{path}: {name} holds no real numbers")
    with np.errstate(over="ignore"):  # what is beyond float32 is not finite, and refused as such
        parameters = _parameters(arrays, path)
    return Weights(architecture_of(parameters, path), parameters, METADATA)


def _parameters(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    first, middle, last = (arrays[f"weights_conv{layer}"] for layer in (1, 2, 3))
    depths = [array.ndim for array in (first, middle, last)]
    sides = [math.isqrt(array.shape[axis]) for array, axis in ((first, 0), (middle, 1), (last, -1))]
    squares = [side * side for side in sides]
    if depths != [2, 3, 2] or squares != [first.shape[0], middle.shape[1], last.shape[-1]]:
        raise UserError(
            f"{path}: shapes {first.shape}, {middle.shape}, {last.shape} are not (f1*f1, n1), (n1, f2*f2, n2), "
            "(n2, f3*f3): it holds no SRCNN in the authors' layout"
        )
    # To (out, in, filter), and each filter from its columns to rows of (row, column).
    filters = (first.T[:, np.newaxis], np.transpose(middle, (2, 0, 1)), last[np.newaxis])
    parameters = {}
    for layer, (flat, side) in enumerate(zip(filters, sides, strict=True), 1):
        columns = flat.reshape(*flat.shape[:2], side, side)
        parameters[f"conv{layer}.weight"] = np.ascontiguousarray(np.swapaxes(columns, 2, 3), np.float32)
        parameters[f"conv{layer}.bias"] = np.ascontiguousarray(arrays[f"biases_conv{layer}"].ravel(), np.float32)
    return parameters
