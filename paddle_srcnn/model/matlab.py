"""A reader of the MATLAB files in which the authors of SRCNN published their weights.

It reads the few parts of the format that hold numbers. SciPy's reader ends the process on some damaged files.

References
----------
MAT-File Format, The MathWorks; "Level 5 MAT-File Format".
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.files import is_file

__all__ = ["read_matlab_parameters"]

LARGEST_BYTES = 80_000_000  # the widest network of the paper has 0.4 million weights in all
# Byte orders of version 5 of the format, which 6 and 7 share; version 4 has no arrays of three dimensions.
ORDERS = {b"IM": "<", b"MI": ">"}
MATRIX, COMPRESSED = 14, 15
TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
NUMERIC = range(6, 16)  # classes of arrays, from double to uint64
COMPLEX_OR_LOGICAL = 0x0A00


def read_matlab_parameters(path: Path) -> dict[str, np.ndarray]:
    """Read parameters in the authors' layout.

    ``weights_conv1`` is (f1 * f1, n1), ``weights_conv2`` (n1, f2 * f2, n2) and ``weights_conv3`` (n2, f3 * f3). Each
    filter is flattened column by column. ``biases_conv1`` is (n1, 1), and so on. The function executes nothing in the
    file.

    Parameters
    ----------
    path : Path
        A MATLAB file of version 5 to 7.

    Returns
    -------
    dict of float32 arrays
        ``conv1.weight`` of shape (n1, 1, f1, f1), ``conv1.bias`` of shape (n1,), and so on. Shapes of layers may not
        fit each other, and values may not be finite.

    Raises
    ------
    UserError
        If there is no such file, or it does not hold numbers in this layout.
    """
    if not is_file(path):
        raise UserError(f"no weights {path}: give a .mat file")
    try:
        arrays = _arrays(path)
    except UserError:
        raise
    except Exception as error:  # anything that a damaged file lacks
        raise UserError(f"{path} is no readable MATLAB file, version 5 to 7 ({error!r}): replace it") from None
    with np.errstate(over="ignore"):  # a value beyond float32 becomes infinite
        return _parameters(arrays, path)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """Read the arrays of the layers by name."""
    names = [f"{kind}_conv{layer}" for layer in (1, 2, 3) for kind in ("weights", "biases")]
    if path.stat().st_size > LARGEST_BYTES:
        raise UserError(f"{path} is larger than any SRCNN: replace it")
    content = path.read_bytes()
    order = ORDERS[content[126:128]]
    arrays: dict[str, np.ndarray] = {}
    for matrix in _matrices(path, content[128:], order):
        (_, flags), (_, shape), (_, named), *parts = _elements(matrix, order)
        name = named.decode("latin-1")
        if name in names:
            (flags,) = struct.unpack_from(f"{order}I", flags)
            if flags & 0xFF not in NUMERIC or flags & COMPLEX_OR_LOGICAL or parts[0][0] not in TYPES:
                raise UserError(f"{path}: {name} holds no real numbers")
            values = np.frombuffer(parts[0][1], order + TYPES[parts[0][0]])
            arrays[name] = values.reshape(np.frombuffer(shape, f"{order}i4"), order="F")
    if lacking := [name for name in names if name not in arrays]:
        raise UserError(f"{path} lacks {', '.join(lacking)}: it holds no SRCNN in the authors' layout")
    return arrays


def _matrices(path: Path, content: bytes, order: str) -> Iterator[bytes]:
    """Yield the matrices of a file; decompress those of version 7, up to the size of any SRCNN."""
    left = LARGEST_BYTES - len(content)
    for kind, data in _elements(content, order):
        if kind == COMPRESSED:
            data = zlib.decompressobj().decompress(data, left + 1)
            left -= len(data)
            if left < 0:
                raise UserError(f"{path} is larger than any SRCNN: replace it")
            ((kind, data),) = _elements(data, order)
        if kind == MATRIX:
            yield data


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and data of each element; an element that claims more data than there is raises a `ValueError`."""
    start = 0
    while start + 8 <= len(content):
        kind, size = struct.unpack_from(f"{order}II", content, start)
        start += 8
        if kind >> 16:  # the head holds data of four bytes or less
            kind, size = kind & 0xFFFF, kind >> 16
            data = content[start - 4 : start][:size]
        else:
            data = content[start : start + size]
            start += size if kind == COMPRESSED else size + -size % 8
        if len(data) < size:
            raise ValueError("it ends too early")
        yield kind, data


def _parameters(arrays: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    first, middle, last = (arrays[f"weights_conv{layer}"] for layer in (1, 2, 3))
    deep = [array.ndim for array in (first, middle, last)] == [2, 3, 2]
    squares = [first.shape[0], middle.shape[1], last.shape[1]] if deep else []
    sizes = [math.isqrt(square) for square in squares]
    if not deep or [size * size for size in sizes] != squares:
        raise UserError(
            f"{path}: shapes {first.shape}, {middle.shape}, {last.shape} are not (f1*f1, n1), (n1, f2*f2, n2), "
            "(n2, f3*f3): it holds no SRCNN in the authors' layout"
        )
    # Layers become (out, in, filter), and each filter becomes (row, column).
    filters = (first.T[:, np.newaxis], np.transpose(middle, (2, 0, 1)), last[np.newaxis])
    parameters = {}
    for layer, (flat, size) in enumerate(zip(filters, sizes, strict=True), 1):
        columns = flat.reshape(*flat.shape[:2], size, size)
        parameters[f"conv{layer}.weight"] = np.ascontiguousarray(np.swapaxes(columns, 2, 3), np.float32)
        parameters[f"conv{layer}.bias"] = np.ascontiguousarray(arrays[f"biases_conv{layer}"].ravel(), np.float32)
    return parameters
