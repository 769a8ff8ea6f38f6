"""Use of the library by a process of one checkout: `benchmarks.checkouts` runs this file as a script.

``arrays INPUTS`` leaves what `Upscaler` and `reader.read_data` return as files of NumPy in the working folder.
``clock NETWORK`` makes an `Upscaler`, and answers each line on stdin with the seconds that a call took.
"""

from __future__ import annotations

import sys
import time
from itertools import islice
from pathlib import Path

import numpy as np
from skimage import data

CLOCK_SCALE = 2
CLOCK_SIZE = (1000, 1200)  # 1.2 megapixels
CASES = (("9-5-5", 3), ("9-1-5", 2.5), ("9-3-5", 4), ("rgb_9-1-5", 2))


def images() -> dict[str, np.ndarray]:
    """Return images of all layouts and types, by name."""
    colour, grey = data.astronaut()[:120, 150:290], data.camera()[100:220, 150:290]
    alpha = np.tile(np.arange(140) * 2, (120, 1)).clip(0, 255).astype(np.uint8)
    layouts = {
        "grey": grey,
        "grey_alpha": np.dstack([grey, alpha]),
        "rgb": colour,
        "rgb_alpha": np.dstack([colour, alpha]),
    }
    found = {}
    for name, image in layouts.items():
        found[f"{name}_8"] = image
        found[f"{name}_16"] = image.astype(np.uint16) * 251
        found[f"{name}_float"] = image.astype(np.float32) / 251
    return found


def save_arrays(inputs: Path) -> None:
    """Save upscaled images, and samples of the article's reader."""
    from paddle_srcnn import Upscaler
    from reader import read_data, shuffle

    for network, scale in CASES:
        for threads in (1, None):
            upscaler = Upscaler(network, scale, device="cpu", threads=threads)
            for name, image in images().items():
                np.save(f"{network}_x{scale}_{threads or 'all'}_{name}.npy", upscaler(image))
    in_order = read_data(str(inputs / "training"), margin=6)
    shuffled = shuffle(in_order, np.random.default_rng(0), buffer_size=500)
    for name, samples in (("in_order", in_order), ("shuffled", shuffled)):
        for kind, arrays in zip(("inputs", "labels"), zip(*islice(samples(), 2000), strict=True), strict=True):
            np.save(f"{name}_{kind}.npy", np.stack(arrays))


def answer_clock(network: str) -> None:
    """Time a call of an upscaler for each line on stdin; the first answer comes after the warm-up."""
    from paddle_srcnn import Upscaler

    height, width = CLOCK_SIZE
    image = np.ascontiguousarray(data.retina()[:height, :width])
    upscaler = Upscaler(network, CLOCK_SCALE, device="cpu")
    upscaler(image)
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        upscaler(image)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    task, argument = sys.argv[1:]
    if task == "arrays":
        save_arrays(Path(argument))
    else:
        answer_clock(argument)
