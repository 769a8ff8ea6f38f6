"""The time that a batch takes, told before its work from a measured rate."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from paddle_srcnn.apps.choice import Networks
from paddle_srcnn.apps.plan import Task
from paddle_srcnn.apps.upscaler import network_pixels
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import image_size
from paddle_srcnn.images.photos import read_photo

__all__ = ["duration", "expected_time"]

CROP = 256  # side of the detail that is measured, in pixels of the photo: it has tiles inside and along the borders
# The measurement upscales the detail twice. It is left out where it would take more than a thirtieth of the batch.
LEAST_CROPS = 60
LEAST_SECONDS = 10  # that are worth a line


def expected_time(tasks: Sequence[Task], networks: Networks, scale: float) -> str | None:
    """Tell how long a batch will take, by timing the network on a detail of its first photo.

    Parameters
    ----------
    tasks : sequence of Task
    networks : Networks
    scale : float

    Returns
    -------
    str or None
        A line such as ``about 3 minutes for 12 pictures``. None if it is not worth a line, or no photo can be read.
    """
    sizes = [size for size in (image_size(task.source) for task in tasks) if size is not None]
    if not sizes:
        return None
    # Photos of unknown size count as the mean of the others.
    total = float(np.mean([network_pixels(size, scale) for size in sizes])) * len(tasks)
    if total <= LEAST_CROPS * network_pixels((CROP, CROP), scale):
        return None
    rate = _pixels_per_second(tasks, networks, scale)
    if rate is None or total / rate < LEAST_SECONDS:
        return None
    count = "1 picture" if len(tasks) == 1 else f"{len(tasks)} pictures"
    return f"about {duration(total / rate)} for {count}"


def _pixels_per_second(tasks: Sequence[Task], networks: Networks, scale: float) -> float | None:
    for task in tasks:
        try:
            photo = read_photo(task.source)
            upscaler = networks.upscaler(networks.choose(photo))
        except UserError:  # the batch will say so in its turn
            continue
        detail = photo.pixels[:CROP, :CROP]
        upscaler(detail)  # programs are compiled at their first use
        start = time.perf_counter()
        upscaler(detail)
        return network_pixels(detail.shape, scale) / (time.perf_counter() - start)
    return None


def duration(seconds: float) -> str:
    """Express a duration in words, in one unit.

    Parameters
    ----------
    seconds : float

    Returns
    -------
    str

    Examples
    --------
    >>> duration(42.2), duration(65), duration(9000)
    ('42 seconds', '1 minute', '2.5 hours')
    """
    unit, number = "second", f"{seconds:.0f}"
    if seconds >= 90 * 60:
        unit, number = "hour", f"{seconds / 3600:.1f}".removesuffix(".0")
    elif seconds >= 60:
        unit, number = "minute", f"{seconds / 60:.0f}"
    return f"{number} {unit}{'' if number == '1' else 's'}"
