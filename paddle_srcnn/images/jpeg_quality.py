"""Quality of a JPEG, estimated from the quantisation table that its file carries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["estimated_quality"]

# The luminance table of ITU-T T.81, Annex K. libjpeg scales it by the quality.
STANDARD = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
).ravel()


def _libjpeg_table(quality: int) -> np.ndarray:
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality
    return np.clip((STANDARD * percent + 50) // 100, 1, 255)


FINENESS = np.array([np.log(_libjpeg_table(quality)).mean() for quality in range(1, 101)])


def estimated_quality(table: Sequence[int] | None) -> int | None:
    """Estimate the quality, on libjpeg's scale, that a luminance table stands for.

    Most programs write libjpeg's tables, for which the result is exact. Cameras and Photoshop have tables of their own.
    For these it is the quality whose table has the nearest geometric mean of steps. Photographs that were saved with
    Photoshop's nine tables then lose about as much as at that quality: within 2 dB.

    Parameters
    ----------
    table : sequence of 64 int, or None
        Steps of quantisation, in any order.

    Returns
    -------
    int or None
        From 1 to 100; None if there is no table.
    """
    if table is None or len(table) != STANDARD.size:
        return None
    steps = np.maximum(np.asarray(table), 1)  # a step of zero is damage
    return 1 + int(np.abs(FINENESS - np.log(steps).mean()).argmin())
