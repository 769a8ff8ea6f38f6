"""The report's photographs of scikit-image: blurred and restored, one under the other with a slider over both."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

from paddle_srcnn.apps.demo import Demonstration, demonstrate
from paddle_srcnn.commands.scoring import valid_restorer
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.protocols.article import luma
from paddle_srcnn.reporting.image_plots import detail_corner

WEIGHTS = "baseline"
NAMES = ("astronaut", "coffee", "chelsea")
SIDE = 180  # pixels of the shown part


def photograph_figures() -> Iterator[str]:
    """Write each photograph's most detailed part, blurred and restored by the packaged weights."""
    weights = load_weights(WEIGHTS)
    architecture = weights.architecture
    restore = valid_restorer(weights)
    for name in NAMES:
        image = read_image(Path(skimage.__file__).parent / "data" / f"{name}.png")
        side = SIDE + 2 * architecture.margin
        top, left = detail_corner(luma(image)[0], side)
        part = image[top : top + side, left : left + side]
        yield photograph_figure(name, demonstrate(part, restore, channels=architecture.channels))


def photograph_figure(name: str, shown: Demonstration) -> str:
    """Write a photograph: the blurred one above the restored one, cut off at the slider."""
    height, width = shown.sr.shape[:2]
    size = f'width="{width}" height="{height}"'
    return f"""<figure class="photograph">
<div class="split">
<img src="{data_uri(shown.sr)}" {size} alt="{name}, restored"><span class="name">restored</span>
<div class="left">
<img src="{data_uri(shown.degraded)}" {size} alt="{name}, blurred"><span class="name">blurred</span>
</div>
<input type="range" min="0" max="100" value="50" autocomplete="off"
 aria-label="{name}: share that is shown blurred, in per cent">
<span class="handle" aria-hidden="true"></span>
</div>
<figcaption><b>{name.capitalize()}</b>: {shown.degraded_db:.2f} dB blurred, <b>{shown.sr_db:.2f} dB</b> restored
(PSNR of Y of this part, protocol <code>{ARTICLE}</code>)</figcaption>
</figure>"""


def data_uri(image: np.ndarray) -> str:
    """Return an image as a lossless WebP in a URI, so that the shown images differ by the restoration alone."""
    file = io.BytesIO()
    Image.fromarray(image).save(file, "WEBP", lossless=True)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
