"""The time that a batch takes, told before its work."""

import pytest
from doubled import Doubled, DoubledNetworks
from PIL import Image

from paddle_srcnn.apps.forecast import CROP, duration, expected_time
from paddle_srcnn.apps.plan import Task

SECONDS = 0.05  # that the slow network takes for a detail


class SlowNetworks(DoubledNetworks):
    """A network that takes a known time for a detail, and counts its calls."""

    def __init__(self, monkeypatch):
        self.shapes, self.clock = [], 0.0
        monkeypatch.setattr("time.perf_counter", lambda: self.clock)

    def upscaler(self, network):
        def slow(pixels):
            self.shapes.append(pixels.shape[:2])
            self.clock += SECONDS
            return Doubled()(pixels)

        return slow


@pytest.fixture
def tasks(tmp_path):
    """Tasks of pictures, as a function of their sizes; None is no picture."""

    def make(*sizes):
        made = []
        for number, size in enumerate(sizes):
            source = tmp_path / f"{number}.png"
            if size is None:
                source.write_text("no picture")
            else:
                Image.new("L", size).save(source)
            made.append(Task(source, tmp_path / "out" / source.name))
        return made

    return make


@pytest.fixture
def networks(monkeypatch):
    return SlowNetworks(monkeypatch)


def test_time_is_measured_on_a_detail_of_the_first_picture(tasks, networks):
    """Two pictures of 100 details, and one of unknown size, which counts as the mean of these."""
    line = expected_time(tasks(None, *[(10 * CROP, 10 * CROP)] * 2), networks, 2)
    assert networks.shapes == [(CROP, CROP)] * 2
    assert line == "about 15 seconds for 3 pictures"


def test_both_stages_count(tasks, networks):
    assert expected_time(tasks((20 * CROP, 10 * CROP)), networks, 6) == "about 10 seconds for 1 picture"


def test_little_work_is_neither_measured_nor_told(tasks, networks):
    assert expected_time(tasks((2 * CROP, 2 * CROP)), networks, 2) is None
    assert expected_time(tasks(None), networks, 2) is None
    assert expected_time([], networks, 2) is None
    assert expected_time(tasks((9 * CROP, 9 * CROP)), networks, 1) is None
    assert networks.shapes == []
    assert expected_time(tasks((10 * CROP, 10 * CROP)), networks, 2) is None  # measured: 5 seconds
    assert len(networks.shapes) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (185, "3 minutes"),
        (5399, "90 minutes"),
        (5400, "1.5 hours"),
        (7200, "2 hours"),
    ],
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words
