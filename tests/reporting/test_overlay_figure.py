"""Figures of several curves."""

from itertools import pairwise

import pytest

from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.overlay_plots import overlay_figure


def realistic(final, epochs=150):
    """A curve shaped like a run: 6 dB untrained, 24 after an epoch of T91's 21,910 patches, then towards `final`."""
    return [(0, 6.0)] + [(21910 * epoch, final - (final - 24) / epoch) for epoch in range(1, epochs + 1)]


def test_early_and_collapsed_values_do_not_stretch_the_axis():
    collapsed = [*realistic(37, 100), (21910 * 101, 6.3)]
    figure = overlay_figure({"good": realistic(37.5), "bad": collapsed}, "title", {"input": [31.18]})
    bottom, top = figure.axes[0].get_ylim()
    assert 30.5 < bottom < 31.18
    assert 37.5 < top < 38
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["37.41 dB   good", "6.30 dB (below this axis)   bad"]


def test_the_logarithmic_axis_leaves_out_what_came_before_training():
    curves = {"run": realistic(37)}
    drawn = [overlay_figure(curves, "title", {}, log=log).axes[0].lines[0].get_xdata() for log in (False, True)]
    assert (drawn[0][0], drawn[1][0]) == (0, 21910)


def test_nine_curves_differ_without_colour():
    figure = overlay_figure({str(number): realistic(37 + number / 10) for number in range(9)}, "title", {})
    lines = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    assert len({line.get_marker() for line in lines}) == 9


@pytest.mark.parametrize("lowest", [31, 35, 37.9])
def test_labels_of_near_levels_stay_apart_and_beside_the_axes(lowest):
    near = {f"a published value with a long source, number {number}": [lowest + number / 20] for number in range(4)}
    figure = overlay_figure({"run": realistic(37)}, "title", {**near, "input": [31.18, 31.2]})
    figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda box: box.y0)
    assert len(boxes) == 5
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    assert boxes[0].y0 >= figure.axes[0].bbox.y0
    assert boxes[-1].y1 <= figure.axes[0].bbox.y1
    assert "31.18 to 31.20 dB\ninput" in [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_figure_is_the_same_file(tmp_path, suffix):
    files = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for file in files:
        save_figure(overlay_figure({"run": realistic(37, 5)}, "title", {"input": [31.18]}), file)
    assert files[0].read_bytes() == files[1].read_bytes()
