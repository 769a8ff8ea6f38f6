from dataclasses import replace

import fabricated
import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curve_plots import curve_figure, run_title, save_figure, summary_levels
from paddle_srcnn.reporting.curves import Point, read_curve, write_curve
from paddle_srcnn.reporting.image_plots import comparison_figure, detail_corner, filters_figure, high_frequencies
from paddle_srcnn.reporting.overlay_plots import overlay_figure
from paddle_srcnn.reporting.summary import Summary


@pytest.fixture
def curve(tmp_path):
    points = [Point(8 * i, i, float(i), Score((30.0 + i,), 30.0 + i, 29.0 + i)) for i in range(4)]
    write_curve(tmp_path / "curve.csv", ["a"], points)
    return tmp_path / "curve.csv"


@pytest.mark.parametrize("shown", [True, False])
def test_curve_shows_both_poolings_in_millions_of_backprops(curve, shown):
    """The score of the first weights, unless it is so low that it would stretch the axis."""
    if not shown:
        points = read_curve(curve)
        low = replace(points[0], score=Score((6.0,), 6.0, 6.0))
        write_curve(curve, ["a"], [low, *points[1:]])
    figure = curve_figure(curve, "a title", {"input": 31.5})
    (axes,) = figure.axes
    mean, pooled, level = axes.lines
    first = 0 if shown else 1
    np.testing.assert_allclose(mean.get_xydata(), [[0, 30], [8e-6, 31], [16e-6, 32], [24e-6, 33]][first:])
    np.testing.assert_allclose(pooled.get_xydata(), [[0, 29], [8e-6, 30], [16e-6, 31], [24e-6, 32]][first:])
    assert level.get_ydata() == [31.5, 31.5]
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("a title", "backprops, millions", "PSNR, dB")
    assert [text.get_text() for text in axes.texts] == ["input: 31.50 dB"]


def test_same_figure_is_the_same_bytes(curve, tmp_path):
    for name in ("a", "b"):
        save_figure(curve_figure(curve, "a title", {}), tmp_path / f"{name}.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with Image.open(tmp_path / "a.png") as figure:
        figure.verify()


def test_titles_and_labels_are_of_any_script(curve, tmp_path):
    """Without a warning, which would be an error here, though Matplotlib's font lacks some."""
    save_figure(curve_figure(curve, "\u9e1f", {"\u9e1f": 31.5}), tmp_path / "a.png")
    overlay = overlay_figure({"\u9e1f": [(0, 30.0), (8, 31.0)]}, "\u9e1f", {"\u9e1f": [30.5]})
    save_figure(overlay, tmp_path / "b.svg")
    with pytest.warns(UserWarning, match="Glyph"):
        overlay.draw_without_rendering()  # the filter is for those two alone


def test_most_detailed_square_is_found():
    luma = np.full((200, 300), 100, np.uint8)
    luma[150:160, 250:260] = np.random.default_rng(0).integers(0, 256, (10, 10))
    row, column = detail_corner(luma, 64)
    assert 160 - 64 <= row <= 150
    assert 260 - 64 <= column <= 250
    assert row <= 200 - 64
    assert column <= 300 - 64
    assert detail_corner(luma[:30, :20], 64) == (0, 0)


def test_flat_image_has_no_high_frequencies():
    assert np.abs(high_frequencies(np.full((20, 30), 77, np.uint8))).max() < 1e-9


@pytest.mark.parametrize("shape", [(500, 500), (1, 1), (588, 2), (2, 588)])
def test_comparison_stays_of_a_size_that_can_be_drawn(shape):
    """Narrow images too; 30 inches are 4,500 pixels."""
    luma = np.zeros(shape, np.uint8)
    figure = comparison_figure({label: np.dstack([luma] * 3) for label in "abc"}, "a title")
    assert len(figure.axes) == 9
    assert figure.get_size_inches().max() <= 30


@pytest.mark.parametrize(("count", "channels"), [(64, 1), (64, 3), (10, 1), (1, 1)])
def test_filters_are_shown_strongest_first(count, channels):
    filters = np.arange(1, count + 1)[:, None, None, None] * np.ones((count, channels, 9, 9))
    filters[..., 0, 0] = 0
    figure = filters_figure(filters, "a title")
    shown = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert len(shown) == count
    assert all(image.max() == 1 and image.min() == 0.5 for image in shown)


def test_strongest_filter_is_the_first():
    filters = np.full((4, 1, 3, 3), 0.1)
    filters[2, 0, 1, 1] = -5
    first = filters_figure(filters, "a title").axes[0].images[0].get_array()
    assert (first[1, 1], first[0, 0]) == (0, pytest.approx(0.51))


@pytest.mark.parametrize("protocol", ["article", "paper"])
def test_title_and_levels_of_a_run_say_what_its_numbers_are(protocol):
    published = {"psnr_db": 32.39, "source": "paper"}
    content = fabricated.summary(protocol=protocol, seed=3, given=(30.39, 28.0), settings={"published": published})
    summary = Summary.from_json(content)
    assert run_title(summary) == (
        f"baseline: SRCNN 9-1-5 on Y, trained on T91, scored on Set5\nPSNR of Y, protocol `{protocol}`, seed 3"
    )
    given = {"article": "blurred", "paper": "bicubic"}[protocol]
    assert summary_levels(summary) == {f"input ({given}), mean": 30.39, "published, Set5 (paper)": 32.39}


def test_a_slow_curve_is_on_the_axis_with_fast_ones():
    curves = {"fast": [(0, 6.0), (10, 35.0), (20, 37.0)], "slow": [(0, 6.0), (10, 25.5), (20, 26.5)]}
    figure = overlay_figure(curves, "title", {"input": [31.2]})
    assert figure.axes[0].get_ylim()[0] < 25.5
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["37.00 dB   fast", "26.50 dB   slow"]


def test_overlay_has_a_curve_for_each_label_before_its_range():
    curves = {"one": [(0, 6.0), (10, 30.0), (20, 31.0)], "two": [(0, 6.0), (10, 30.5), (20, 8.0)]}
    ranges = {"one": [(0, 5.0, 7.0), (10, 29.0, 31.0), (20, 30.0, 32.0)]}
    figure = overlay_figure(curves, "title", {"input": [29.0], "published": [31.0, 31.5]}, ranges=ranges)
    (axes,) = figure.axes
    assert [line.get_ydata()[-1] for line in axes.lines[:2]] == [31.0, 8.0]
    assert len(axes.collections) == 1
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["31.00 dB   one", "8.00 dB (below this axis)   two"]
    assert [text.get_text() for text in axes.texts] == ["29.00 dB\ninput", "31.00 to 31.50 dB\npublished"]
    logarithmic = overlay_figure(curves, "title", {}, log=True).axes[0]
    assert list(logarithmic.lines[0].get_xdata()) == [10, 20]
