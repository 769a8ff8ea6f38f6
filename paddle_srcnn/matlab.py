"""The authors' own weights, from the MATLAB files that they published."""

from __future__ import annotations

import io
import math
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
from scipy.io import loadmat, whosmat

from paddle_srcnn.errors import UserError
from paddle_srcnn.files import is_file
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.weights import Weights, architecture_of

LARGEST = 10_000_000  # numbers in an array; the widest network of the paper has 0.4 million weights in all
NUMERIC = {"double", "single", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}
COMPRESSED = 15  # a type of element
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            arrays = _arrays(path)
    except UserError:
        raise
    except Exception as error:  # whatever the reader trips over in a damaged file
        raise UserError(f"{path} is no readable MATLAB file, version 4 to 7 ({error}): replace it") from None
    with np.errstate(over="ignore"):  # what is beyond float32 is not finite, and refused as such
        parameters = _parameters(arrays, path)
    return Weights(architecture_of(parameters, path), parameters, METADATA)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Arrays of numbers by name; what they claim to be is checked before memory is taken for them."""
    names = [f"{kind}_conv{layer}" for layer in (1, 2, 3) for kind in ("weights", "biases")]
    file = _inflated(path)
    listed = whosmat(file)
    found = {name: (shape, kind) for name, shape, kind in listed}
    if lacking := [name for name in names if name not in found]:
        raise UserError(f"{path} lacks {', '.join(lacking)}: it holds no SRCNN in the authors' layout")
    for name in names:
        shape, kind = found[name]
        if math.prod(shape) > LARGEST:
            raise UserError(f"{path} is larger than any SRCNN ({name} of {shape}): replace it")
        if kind not in NUMERIC or [one for one, _, _ in listed].count(name) > 1:  # others nest what is unchecked
            raise UserError(f"{path}: {name} holds no real numbers, or is there twice: replace it")
    arrays = {}
    for name in names:
        file.seek(0)
        arrays[name] = loadmat(file, variable_names=[name])[name]
        if arrays[name].dtype.kind not in "fiu":
            raise UserError(f"{path}: {name} holds no real numbers")
    return arrays


def _inflated(path: Path) -> io.BytesIO:
    """Content of a MATLAB file with the elements of version 7 decompressed, as far as any SRCNN goes."""
    largest = 8 * LARGEST
    with path.open("rb") as file:
        content = file.read(largest + 1)
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    parts, taken, start = [content if order is None else content[:128]], len(content), 128
    while order and start < len(content) and taken <= largest:
        kind, size = struct.unpack_from(f"{order}II", content, start)
        end = start + 8 + size
        part = content[start:end]
        if kind == COMPRESSED:
            part = zlib.decompressobj().decompress(part[8:], largest + 1 - taken)
        parts.append(part)
        taken += len(part)
        start = end
    if taken > largest:
        raise UserError(f"{path} is larger than any SRCNN: replace it")
    for part in parts[1:]:
        _check_lengths(part, order)
    return io.BytesIO(b"".join(parts))


def _check_lengths(element: bytes, order: str) -> None:
    """Raise where a part of an element claims more bytes than follow: the reader takes the memory first."""
    start = 8
    while start + 8 <= len(element):
        kind, size = struct.unpack_from(f"{order}II", element, start)
        if kind >> 16:  # a small one, of 8 bytes in all
            size = 0
        start += 8 + size
        if start > len(element):
            raise ValueError("it ends too early")
        start += -size % 8


def _parameters(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    first, middle, last = (arrays[f"weights_conv{layer}"] for layer in (1, 2, 3))
    deep = [array.ndim for array in (first, middle, last)] == [2, 3, 2]
    squares = [first.shape[0], middle.shape[1], last.shape[1]] if deep else []
    sides = [math.isqrt(square) for square in squares]
    if not deep or [side * side for side in sides] != squares:
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
