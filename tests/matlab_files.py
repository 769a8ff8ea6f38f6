"""Weights in the authors' layout, and a restoration by their rules."""

import struct

import cv2
import numpy as np

SIDES, WIDTHS = (9, 5, 5), (6, 4)


def matlab_arrays(sides=SIDES, widths=WIDTHS):
    """Asymmetric filters in the authors' layout."""
    rng = np.random.default_rng(0)
    f1, f2, f3 = sides
    n1, n2 = widths
    shapes = {
        "weights_conv1": (f1 * f1, n1),
        "biases_conv1": (n1, 1),
        "weights_conv2": (n1, f2 * f2, n2),
        "biases_conv2": (n2, 1),
        "weights_conv3": (n2, f3 * f3),
        "biases_conv3": (1, 1),
    }
    return {name: rng.normal(0, 0.1, shape) for name, shape in shapes.items()}


def restored_as_the_authors_do(arrays, picture, sides=SIDES):
    """Layer by layer, filter by filter: MATLAB's `reshape` is column by column, its `imfilter` correlates."""

    def correlated(plane, column):
        side = int(len(column) ** 0.5)
        kernel = column.reshape(side, side, order="F")
        return cv2.filter2D(plane, cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE)

    w1, w2, w3 = (arrays[f"weights_conv{layer}"] for layer in (1, 2, 3))
    b1, b2, b3 = (arrays[f"biases_conv{layer}"].ravel() for layer in (1, 2, 3))
    first = [np.maximum(correlated(picture, w1[:, i]) + b1[i], 0) for i in range(w1.shape[1])]
    second = [
        np.maximum(sum(correlated(first[j], w2[j, :, i]) for j in range(len(first))) + b2[i], 0)
        for i in range(w2.shape[2])
    ]
    return sum(correlated(second[i], w3[i]) for i in range(len(second))) + b3[0]


def matrix(name, shape, parts, *, flags=6):
    """One array of the format's version 5, whose parts may be anything."""

    def element(kind, data):
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    head = element(6, struct.pack("<II", flags, 0)) + element(5, np.array(shape, "<i4").tobytes())
    return element(14, head + element(1, name.encode()) + parts)


def write_matlab(path, *elements):
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM" + b"".join(elements))
