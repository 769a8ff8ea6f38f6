"""Winograd's convolution along rows: four pixels of a filter of five columns by 8 multiplications instead of 20.

The 8 columns that four pixels see are transformed into 8 others, each of which is convolved with one column of a
transformed filter; sums of these results are the pixels. All that costs more than additions is left to the engine, as
convolutions. Filters of three columns, with 6 multiplications instead of 12, gain nothing over direct convolution.

References
----------
Winograd 1980, "Arithmetic complexity of computations"; Lavin and Gray 2016, "Fast algorithms for convolutional neural
networks", section 4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from paddle_srcnn.static.backend import paddle

SIZE = 5  # of the filters
COLUMNS = 4  # computed together
# Where polynomials are evaluated; infinity is one more. Their powers are exact, and small enough to lose few digits.
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)

Declare = Callable[[str, np.ndarray], paddle.Tensor]


def transforms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Matrices of F(4, 5): of the 8 columns (8, 8), of the filter (8, 5), and of the products (8, 4).

    With those called b, g and a, the four results for columns d and a filter f are ``a.T @ ((g @ f) * (b @ d))``. All
    numbers but those of the filter's are exact in float32.
    """
    others = [np.delete(POINTS, number) for number in range(len(POINTS))]
    of_columns = [np.pad(np.poly(zeros)[::-1], (0, 1)) for zeros in others] + [np.poly(POINTS)[::-1]]
    norms = [np.prod(point - zeros) for point, zeros in zip(POINTS, others, strict=True)] + [1.0]
    return np.array(of_columns), _powers(SIZE) / np.array(norms)[:, np.newaxis], _powers(COLUMNS)


def _powers(coefficients: int) -> np.ndarray:
    """What evaluates a polynomial, of so many coefficients, at all points; at infinity that is the last of them."""
    return np.vstack([np.vander(POINTS, coefficients, increasing=True), np.eye(coefficients)[-1:]])


def convolution(
    x: paddle.Tensor, weight: np.ndarray, bias: np.ndarray, declare: Declare, name: str
) -> list[paddle.Tensor]:
    """Add a valid convolution to the program under construction.

    Parameters
    ----------
    x : (N, in, H, W) variable of float32
        With W a multiple of 4.
    weight : (out, in, 5, 5) array
    bias : (out,) array
    declare : callable
        Makes a parameter of a name and a value.
    name : str
        Of the layer.

    Returns
    -------
    list of four (N, out, H - 4, (W - 4) / 4) variables
        Each fourth column of the result, from the first, second, third and fourth one on.
    """
    conv2d, channels = paddle.nn.functional.conv2d, weight.shape[1]
    of_columns, of_filter, of_products = transforms()
    products = []
    for point, taps in enumerate(of_columns):
        column = declare(f"{name}.columns{point}", np.tile(taps, (channels, 1, 1, 1)))
        filters = declare(f"{name}.filters{point}", (weight @ of_filter[point])[..., np.newaxis])
        columns = conv2d(x, column, stride=[1, COLUMNS], groups=channels)
        products.append(conv2d(columns, filters))
    added = declare(f"{name}.bias", bias.reshape(1, -1, 1, 1))
    return [_weighted_sum([*products, added], [*factors, 1.0]) for factors in of_products.T]


def _weighted_sum(terms: Sequence[paddle.Tensor], factors: Sequence[float]) -> paddle.Tensor:
    scaled = [
        term if factor == 1 else paddle.scale(term, float(factor))
        for term, factor in zip(terms, factors, strict=True)
        if factor
    ]
    total = scaled[0]
    for term in scaled[1:]:
        total = total + term
    return total
