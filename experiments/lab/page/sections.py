"""The report's sections without curves: blurred and downscaled images, and the filters of the first layer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

from lab import deblurring
from lab.page.experiments import chart
from lab.page.inline_svg import inline_svg
from lab.paths import read_if_there
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.reporting.image_plots import filters_figure

FILTERS_WIDTH = 5.0  # inches


def deblurring_section(results: Path) -> Iterator[str]:
    """Write the section on blurred and downscaled images, if they were measured."""
    if content := read_if_there(results / "deblurring" / "table.json"):
        rows = "\n".join(
            f'<tr><th scope="row">{escape(row["set"])}, {escape(row["input"])}</th>'
            f"<td>{row['given_db']:.2f}</td><td>{row['restored_db']:.2f}</td>"
            f"<td>{row['restored_db'] - row['given_db']:+.2f}</td></tr>"
            for row in content["rows"]
        )
        columns = "".join(f'<th scope="col">{name}</th>' for name in ("input", "given", "restored", "gain"))
        yield f"""<section>
<h3>Blurred and downscaled images</h3>
<p>The same weights on inputs of the protocol, and on images that bicubic interpolation downscaled and upscaled again.
The network removes the blur; it does not upscale.</p>
{chart(deblurring.figure(content["rows"]), "Blurred and downscaled images", "gain over the input")}
<p class="caption">Mean PSNR of Y in dB, scored as in the protocol <code>{ARTICLE}</code></p>
<div class="scroll" tabindex="0" role="region" aria-label="Blurred and downscaled images, table">
<table class="numbers">
<thead>
<tr>{columns}</tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</div>
</section>"""


def filters_section() -> Iterator[str]:
    """Write the section on the filters of the first layer in the packaged weights of the baseline."""
    drawn = filters_figure(load_weights(deblurring.WEIGHTS).parameters["conv1.weight"], "")
    drawn.set_size_inches(FILTERS_WIDTH, FILTERS_WIDTH)
    yield f"""<section>
<h3>Filters of the first layer</h3>
<p>The baseline's filters, the strongest first, each stretched to its own extremes; grey stands for 0. The filters that
look like noise are far weaker: they have hardly moved from their first weights.</p>
<figure class="filters">
{inline_svg(drawn, "Filters of the first layer: the strongest first")}
</figure>
</section>"""
