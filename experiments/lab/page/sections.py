"""The report's sections that show no curves: blurred and reduced pictures, and the filters of the first layer."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path

import deblurring
from tables import read

from lab.page.experiments import chart
from lab.page.inline_svg import inline_svg
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.reporting.image_plots import filters_figure

WEIGHTS = "baseline"
FILTERS_WIDTH = 5.0  # inches


def deblurring_section(results: Path) -> Iterator[str]:
    """HTML of what the baseline's weights make of blurred and of reduced pictures, if that was measured."""
    if content := read(results / "deblurring" / "table.json"):
        rows = "\n".join(
            f'<tr><th scope="row">{escape(row["set"])}, {escape(row["input"])}</th>'
            f"<td>{row['given_db']:.2f}</td><td>{row['restored_db']:.2f}</td>"
            f"<td>{row['restored_db'] - row['given_db']:+.2f}</td></tr>"
            for row in content["rows"]
        )
        columns = "".join(f'<th scope="col">{name}</th>' for name in ("input", "given", "restored", "gain"))
        yield f"""<section>
<h3>Blurred and reduced pictures</h3>
<p>The same weights on inputs as the protocol makes them, and on pictures that were reduced by bicubic interpolation and
enlarged again: what is learnt undoes the blur and does not enlarge.</p>
{chart(deblurring.figure(content["rows"]), "Blurred and reduced pictures", "gain over the input")}
<p class="caption">Mean PSNR of Y in dB, scored as in the protocol <code>{ARTICLE}</code></p>
<div class="scroll" tabindex="0" role="region" aria-label="Blurred and reduced pictures, table">
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
    """HTML of the first layer's filters in the packaged weights of the baseline."""
    drawn = filters_figure(load_weights(WEIGHTS).parameters["conv1.weight"], "")
    drawn.set_size_inches(FILTERS_WIDTH, FILTERS_WIDTH)
    yield f"""<section>
<h3>Filters of the first layer</h3>
<p>Of the baseline, the strongest first, each stretched to its own extremes; grey stands for 0. Those that look like
noise are far weaker: they have hardly moved from the weights that they were drawn with.</p>
<figure class="filters">
{inline_svg(drawn, "Filters of the first layer: the strongest first")}
</figure>
</section>"""
