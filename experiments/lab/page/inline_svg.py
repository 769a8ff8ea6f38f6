"""Figures as SVG elements for an HTML page, whose style sheet colours them for light and for dark windows."""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

import matplotlib
from matplotlib.figure import Figure

from paddle_srcnn.reporting.curve_plots import METADATA, missing_glyphs_allowed
from paddle_srcnn.reporting.overlay_plots import COLOURS

# Names of the curves' colours in the style sheet. Black is the colour of text, axes and the first curve.
CSS_COLOURS = {
    COLOURS[0]: "currentColor",
    **{colour: f"var(--curve-{number})" for number, colour in enumerate(COLOURS[1:], 1)},
    "#ffffff": "var(--paper)",
    "#333333": "var(--muted)",
    "#666666": "var(--muted)",
}
DECIMALS = 2  # of a coordinate in points


def inline_svg(figure: Figure, label: str) -> str:
    """Draw a figure as an SVG element without background, the same text for the same figure.

    Parameters
    ----------
    figure : Figure
        A figure in the colours of `paddle_srcnn.reporting.overlay_plots`.
    label : str
        Description of the figure for people who cannot see it. It also keeps the ids of a page's figures apart.

    Returns
    -------
    str
    """
    drawn = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": label, "svg.fonttype": "none"}), missing_glyphs_allowed():
        figure.savefig(drawn, format="svg", transparent=True, metadata=METADATA[".svg"])
    root = ElementTree.fromstring(drawn.getvalue())
    for parent in list(root.iter()):
        for child in list(parent):
            if _name(child.tag) in ("metadata", "style"):  # the style is for every element, which is the whole page
                parent.remove(child)
    references = set(
        re.findall(r"#(\w+)", " ".join(value for element in root.iter() for value in element.attrib.values()))
    )
    for element in root.iter():
        _adapt(element, references)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label, "fill": "currentColor"}
    return ElementTree.tostring(root, encoding="unicode")


def _adapt(element: ElementTree.Element, references: set[str]) -> None:
    """Remove what a page does not need, name the page's colours, and leave the fonts to it."""
    element.tag = _name(element.tag)
    attributes = {_name(key): value for key, value in element.attrib.items()}
    element.attrib = {
        key: value if key in ("id", "href") else _rounded(_restyled(value))
        for key, value in attributes.items()
        if key != "id" or value in references
    }
    element.tail = None
    if element.text is not None and not element.text.strip():
        element.text = None


def _name(qualified: str) -> str:
    return qualified.rpartition("}")[2]


def _restyled(style: str) -> str:
    style = re.sub(r"#[0-9a-f]{6}\b", lambda colour: CSS_COLOURS.get(colour[0], colour[0]), style)
    style = re.sub(r"font: [^;]*?([\d.]+px)[^;]*", r"font-size: \1", style)  # Matplotlib before 3.10
    return re.sub(r"font-family: [^;]*(; )?", "", style)


def _rounded(text: str) -> str:
    text = re.sub(r"-?\d+\.\d+", lambda number: f"{round(float(number[0]), DECIMALS) + 0.0:g}", text)
    return re.sub(r"\s*\b([MLQCz])\b\s*", r"\1", text)
