"""Winograd's convolution along rows: four pixels of a filter of five columns by 8 multiplications instead of 20.

The 8 columns that four pixels see are transformed into 8 others. Each of these is convolved with one column of a
transformed filter; sums of the results are the pixels. The engine computes everything but the additions, as
convolutions. Filters of three columns, with 6 multiplications instead of 12, gain nothing over direct convolution.

References
----------
Winograd 1980, "Arithmetic complexity of computations"; Lavin and Gray 2016, "Fast algorithms for convolutional neural
networks", section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from paddle_srcnn.deploy.older_graph import OlderGraph

__all__ = ["COLUMNS", "SIZE", "convolution", "parameters", "transforms"]

SIZE = 5  # of the filters
COLUMNS = 4  # computed together
# Points that polynomials are evaluated at, beside infinity. Their powers are exact, and small: few digits are lost.
POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)


def transforms() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the matrices of F(4, 5).

    Returns
    -------
    b : (8, 8) array
        Transform of the 8 columns, exact in float32.
    g : (8, 5) array
        Transform of the filter.
    a : (8, 4) array
        Transform of the products, exact in float32. The four results for columns d and a filter f are
        ``a.T @ ((g @ f) * (b @ d))``.
    """
    others = [np.delete(POINTS, number) for number in range(len(POINTS))]
    of_columns = [np.pad(np.poly(zeros)[::-1], (0, 1)) for zeros in others] + [np.poly(POINTS)[::-1]]
    norms = [np.prod(point - zeros) for point, zeros in zip(POINTS, others, strict=True)] + [1.0]
    return np.array(of_columns), _powers(SIZE) / np.array(norms)[:, np.newaxis], _powers(COLUMNS)


def _powers(coefficients: int) -> np.ndarray:
    """Compute the matrix that evaluates a polynomial at all points; its value at infinity is its last coefficient."""
    return np.vstack([np.vander(POINTS, coefficients, increasing=True), np.eye(coefficients)[-1:]])


def parameters(weight: np.ndarray, bias: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Compute the parameters of a convolution.

    Parameters
    ----------
    weight : (out, in, 5, 5) array
    bias : (out,) array
    name : str
        Name of the layer, with which the parameters' names begin.

    Returns
    -------
    dict of str to array
        Transforms of the columns (in, 1, 1, 8) and the filters (out, in, 5, 1) for each point, and the bias (out,).
    """
    of_columns, of_filter, _ = transforms()
    values = {}
    for point, taps in enumerate(of_columns):
        values[f"{name}.columns{point}"] = np.tile(taps, (weight.shape[1], 1, 1, 1))
        values[f"{name}.filters{point}"] = (weight @ of_filter[point])[..., np.newaxis]
    return {**values, f"{name}.bias": bias}


def convolution(graph: OlderGraph, x: Any, name: str) -> list[Any]:
    """Add a valid convolution to a graph that has its `parameters`.

    Parameters
    ----------
    graph : OlderGraph
    x : (N, in, H, W) variable
        Maps, with W a multiple of 4.
    name : str
        Name of the layer.

    Returns
    -------
    list of four (N, out, H - 4, (W - 4) / 4) variables
        The result's columns 0, 4, 8, ..., then 1, 5, 9, ... and so on.
    """
    _, _, of_products = transforms()
    products = []
    for point in range(len(of_products)):
        columns = graph.convolve(x, f"{name}.columns{point}", stride=(1, COLUMNS), groups=x.shape[1])
        products.append(graph.convolve(columns, f"{name}.filters{point}"))
    return [graph.add_bias(_weighted_sum(graph, products, factors), f"{name}.bias") for factors in of_products.T]


def _weighted_sum(graph: OlderGraph, terms: Sequence[Any], factors: Sequence[float]) -> Any:
    """Add the sum of variables, each times its factor, with as few operations as possible."""
    scaled = [
        term if factor == 1 else graph.multiply(term, float(factor))
        for term, factor in zip(terms, factors, strict=True)
        if factor
    ]
    return reduce(graph.add, scaled)
