"""Batches as a library: nothing is printed, problems are logged, and options are named as parameters."""

from pathlib import Path

import numpy as np
import pytest
from photo_sample import ROWS as ROW_NAMES
from photo_samples import samples

from paddle_srcnn.apps.batch import Outcome, upscale_files
from paddle_srcnn.apps.plan import (
    BatchOptions,
    ExistingFile,
    Task,
    best_network,
    check_files,
    check_options,
    plan_tasks,
)
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.photos import read_photo


class Doubled:
    """An upscaler without a network."""

    scale = 2

    def memory_needed(self, pixels):
        return pixels.nbytes

    def __call__(self, pixels, *, progress):
        return np.repeat(np.repeat(pixels, 2, 0), 2, 1)


@pytest.fixture
def tasks(tmp_path, write_noise):
    """Two photos, the second one damaged."""
    write_noise(tmp_path / "a.png", 4, 5)
    (tmp_path / "b.png").write_text("no picture")
    return [Task(tmp_path / name, tmp_path / "out" / name) for name in ("a.png", "b.png")]


def test_failures_are_logged_and_nothing_is_printed(tasks, tmp_path, capfd, caplog):
    outcome = upscale_files(tasks, Doubled(), BatchOptions(scale=2, out=tmp_path / "out"))
    assert outcome == Outcome(planned=2, upscaled=1, failed=1)
    assert capfd.readouterr() == ("", "")
    assert ["b.png is no picture" in record.getMessage() for record in caplog.records] == [True]


def test_failures_are_handed_to_the_caller(tasks, tmp_path, caplog):
    failures = []
    upscale_files(tasks, Doubled(), BatchOptions(scale=2, out=tmp_path, max_memory=0), on_failure=failures.append)
    assert [error.about for error in failures] == ["max_memory", None]
    assert caplog.records == []


def test_existing_files_are_told_from_the_photo_itself(tasks, tmp_path):
    check_files(tasks, existing="refuse")
    tasks[0].target.write_text("of another")
    for existing, target, is_source in (("refuse", tasks[0].target, False), ("refuse", tasks[0].source, True)):
        with pytest.raises(ExistingFile) as caught:
            check_files([Task(tasks[0].source, target)], existing=existing)
        assert caught.value.is_source == is_source
    for existing in ("skip", "replace"):
        check_files(tasks, existing=existing)


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"weights": "baseline", "model": "y"}, "model"),
        ({"quality": 0}, "quality"),
        ({"quality": 101}, "quality"),
        ({"max_memory": 100}, "max_memory"),
        ({"suffix": "a/b"}, "suffix"),
        ({"scale": 1.0, "model": "y"}, "model"),
    ],
)
def test_wrong_options_are_named_as_parameters(tmp_path, changes, about):
    with pytest.raises(UserError) as caught:
        check_options(BatchOptions(**{"scale": 2.0, "out": tmp_path, **changes}))
    assert caught.value.about == about
    assert "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("count", "out", "changes"),
    [(2, "a.png", {}), (1, "a.png", {"format": "jpg"}), (1, "a.gif", {}), (1, "out", {"format": "png", "quality": 90})],
)
def test_options_that_do_not_fit_the_photos_are_refused(tmp_path, count, out, changes):
    sources = [(tmp_path / f"{number}.png", tmp_path) for number in range(count)]
    with pytest.raises(UserError) as caught:
        plan_tasks(sources, BatchOptions(scale=2, out=tmp_path / out, **changes))
    assert caught.value.about in ("out", "quality")
    assert "--" not in str(caught.value)


def test_best_packaged_network():
    assert best_network("y", (3, 2)) == "9-5-5"
    assert best_network("rgb", ()) == "rgb_9-1-5"
    with pytest.raises(UserError, match="x7"):
        best_network("y", (2, 7))


def test_summary_names_every_outcome(tmp_path):
    outcome = Outcome("9-5-5", planned=9, upscaled=4, skipped=3, failed=2, ignored=1)
    assert outcome.summary(BatchOptions(scale=2.5, out=tmp_path)) == (
        f"4 of 9 enlarged by 2.5 with 9-5-5, in {tmp_path}; "
        "3 skipped (already there), 2 failed, 1 ignored (earlier results)"
    )
    assert Outcome(planned=1, upscaled=1).summary(BatchOptions(scale=1, out=tmp_path)) == (
        f"1 of 1 enlarged by 1, in {tmp_path}"
    )


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("a.gif", "a_x2.png"),
        ("a.avif", "a_x2.png"),
        ("a.MPO", "a_x2.jpg"),
        ("a.jfif", "a_x2.jfif"),
        ("a.dib", "a_x2.dib"),
    ],
)
def test_result_is_of_a_format_that_is_written(tmp_path, name, result):
    (task,) = plan_tasks([(tmp_path / name, Path())], BatchOptions(scale=2, out=tmp_path))
    assert task.target.name == result


ROWS = {
    row: next(s for s in samples() if s.row == row and s.pixels is not None) for row in ROW_NAMES if row != "animated"
}
MORE = ("cmyk-profile.jpg", "a.gif", "a.avif", "a.mpo", "a.dib", "alpha-v5.bmp", "rgb-with-grey-profile.png")
BATCH = {s.name: s for s in (*ROWS.values(), *(s for s in samples() if s.name in MORE)) if s.row != "hostile"}


@pytest.mark.parametrize("name", BATCH)
def test_every_row_is_upscaled_from_file_to_file(tmp_path, caplog, name):
    sample = BATCH[name]
    (tmp_path / name).write_bytes(sample.content)
    options = BatchOptions(scale=2, out=tmp_path / "out", format="tif")
    (task,) = plan_tasks([(tmp_path / name, Path())], options)
    assert upscale_files([task], Doubled(), options) == Outcome(planned=1, upscaled=1)
    photo = read_photo(tmp_path / name)
    np.testing.assert_array_equal(read_photo(task.target).pixels, photo.pixels.repeat(2, 0).repeat(2, 1))
    assert caplog.messages == [f"{tmp_path / name} {note}" for note in photo.notes]
    assert bool(photo.notes) == (sample.row == "cmyk" or name == "rgb-with-grey-profile.png")
