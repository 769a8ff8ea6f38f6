"""The progress bar of a batch."""

import io
import re
import sys

import pytest
from helpers import needs_paddle
from small_networks import weights_of

from paddle_srcnn.apps.batch import upscale_photos
from paddle_srcnn.apps.plan import BatchOptions, Task
from paddle_srcnn.apps.progress import BatchBar
from paddle_srcnn.model.weights import save_weights


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def states(self):
        """Texts of the bar, one after the other, without those of moments before any work."""
        return [text.strip() for text in re.split(r"[\r\n]", self.getvalue()) if text.strip()]


def on_terminal(monkeypatch):
    """Put a terminal in the place of stderr; a fixture would be too early, because pytest puts its own there."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    return sys.stderr


@pytest.fixture
def tasks(write_noise, tmp_path):
    """Photos of 100 and 300 pixels, a file of unknown size, and one that fails."""
    write_noise(tmp_path / "a.png", 10, 10)
    write_noise(tmp_path / "b.png", 10, 30)
    for name in ("c.png", "d.png"):
        (tmp_path / name).touch()
    return [Task(path, path.with_suffix(".out.png")) for path in sorted(tmp_path.glob("?.png"))]


def test_one_bar_counts_the_pixels_of_all_photos(monkeypatch, tasks):
    terminal = on_terminal(monkeypatch)
    totals = []
    with BatchBar(tasks, 2, shown=True) as bar:
        for task, pixels in zip(bar, (400, 1200, 500, 100), strict=True):
            totals.append(bar._bar.total)
            bar.update(pixels)
            if task.source.name != "d.png":  # which fails
                bar.complete()
    # The mean of 400 and 1200 stands for unknown sizes; what d.png lacks leaves the sum.
    assert totals == [3200, 3200, 3200, 3200]
    assert (bar._bar.n, bar._bar.total) == (2500, 2500)
    last = terminal.states()[-1]
    assert last.startswith("100%") and "2.50k/2.50k" in last
    assert any(re.match(r"2/4 b\.png:  1\d%.*<", state) for state in terminal.states())


def test_factor_of_one_counts_the_photos_own_pixels(monkeypatch, tasks):
    on_terminal(monkeypatch)
    with BatchBar(tasks[:2], 1, shown=True) as bar:
        for _ in bar:
            bar.complete()
    assert (bar._bar.n, bar._bar.total) == (400, 400)


def test_no_header_is_read_where_no_bar_is_shown(monkeypatch, capsys, tasks):
    monkeypatch.setattr("paddle_srcnn.apps.progress.image_size", lambda path: pytest.fail("a header was read"))
    for shown in (True, False):  # stderr is no terminal here
        with BatchBar(tasks, 2, shown=shown) as bar:
            assert list(bar) == tasks
    assert capsys.readouterr().err == ""


@needs_paddle
def test_batch_ends_at_the_whole(monkeypatch, tasks, tmp_path):
    terminal = on_terminal(monkeypatch)
    save_weights(tmp_path / "network.safetensors", weights_of(filters=(3, 1, 3)))
    options = BatchOptions(2, tmp_path / "out", weights=str(tmp_path / "network.safetensors"))
    outcome = upscale_photos([(task.source, tmp_path) for task in tasks], options, progress=True)
    assert (outcome.upscaled, outcome.failed) == (2, 2)
    last = terminal.states()[-1]
    assert last.startswith("100%") and "1.60k/1.60k" in last
