"""Batches as a library: nothing is printed, problems are logged, and options are named as parameters."""

from pathlib import Path

import numpy as np
import pytest
from doubled import DoubledNetworks
from photo_sample import ROWS as ROW_NAMES
from photo_samples import samples

from paddle_srcnn.apps.batch import Outcome, Result, upscale_files
from paddle_srcnn.apps.plan import BatchOptions, ExistingFile, Task, check_files, check_options, plan_tasks
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.photos import read_photo


@pytest.fixture
def tasks(tmp_path, write_noise):
    """Two photos, the second one damaged."""
    write_noise(tmp_path / "a.png", 4, 5)
    (tmp_path / "b.png").write_text("no picture")
    return [Task(tmp_path / name, tmp_path / "out" / name) for name in ("a.png", "b.png")]


def test_failures_are_logged_and_nothing_is_printed(tasks, tmp_path, capfd, caplog):
    outcome = upscale_files(tasks, DoubledNetworks(), BatchOptions(scale=2, out=tmp_path / "out"))
    assert outcome == Outcome(planned=2, results=[Result(tasks[0].source, (tasks[0].target,), "doubled")], failed=1)
    assert capfd.readouterr() == ("", "")
    assert ["b.png is no picture" in record.getMessage() for record in caplog.records] == [True]


def test_failures_are_handed_to_the_caller(tasks, tmp_path, caplog):
    failures = []
    upscale_files(
        tasks, DoubledNetworks(), BatchOptions(scale=2, out=tmp_path, max_memory=0), on_failure=failures.append
    )
    assert [error.about for error in failures] == ["max_memory", None]
    assert caplog.records == []


def test_existing_files_are_told_from_the_photo_itself(tasks):
    assert check_files(tasks, existing="refuse") == (tasks, [])
    tasks[0].target.write_text("of another")
    itself = Task(tasks[1].source, tasks[1].source)
    kept, refused = check_files([*tasks, itself], existing="refuse")
    assert kept == [tasks[1]]
    assert [(type(problem), problem.is_source) for problem in refused] == [(ExistingFile, False), (ExistingFile, True)]
    for existing in ("skip", "replace"):
        assert check_files([*tasks, itself], existing=existing) == ([*tasks, itself], [])


@pytest.mark.parametrize("existing", ["refuse", "skip", "replace"])
def test_first_of_two_photos_that_would_become_one_file_is_kept(tmp_path, existing):
    tasks = [Task(tmp_path / name, tmp_path / "out" / "a_x2.png") for name in ("a.gif", "a.png")]
    kept, (problem,) = check_files(tasks, existing=existing)
    assert kept == tasks[:1]
    for words in ("a.png and", "a.gif would both become", "a_x2.png", "another folder"):
        assert words in str(problem)


def test_figures_clash_with_results(tmp_path):
    tasks = [Task(tmp_path / "a", tmp_path / "a_comparison.png"), Task(tmp_path / "b", tmp_path / "a.png", True)]
    kept, refused = check_files(tasks, existing="refuse")
    assert (kept, len(refused)) == (tasks[:1], 1)


@pytest.mark.parametrize(
    ("changes", "about"),
    [
        ({"weights": "baseline", "model": "y"}, "model"),
        ({"quality": 0}, "quality"),
        ({"quality": 101}, "quality"),
        ({"max_memory": 100}, "max_memory"),
        ({"suffix": "a/b"}, "suffix"),
        ({"scale": 1.0, "model": "y"}, "model"),
        ({"scale": 1.0, "noise": "low"}, "noise"),
        ({"scale": 1.0, "fast": True}, "fast"),
        ({"weights": "sr_9-5-5_x2", "jpeg": "auto"}, "jpeg"),
        ({"weights": "sr_9-5-5_x2", "noise": "off"}, "noise"),
        ({"weights": "sr_9-5-5_x2", "fast": True}, "fast"),
        ({"model": "rgb", "jpeg": "off"}, "jpeg"),
        ({"model": "rgb", "noise": "high"}, "noise"),
        ({"model": "rgb", "fast": True}, "fast"),
        ({"jpeg": "on", "noise": "low"}, "noise"),
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


@pytest.mark.parametrize("changes", [{"jpeg": "on", "noise": "off"}, {"jpeg": "auto", "noise": "low", "model": "y"}])
def test_options_of_networks_that_fit_are_taken(tmp_path, changes):
    check_options(BatchOptions(scale=2, out=tmp_path, **changes))


def results(*networks):
    return [Result(Path(f"{n}.jpg"), (Path(f"out/{n}.jpg"),), network, 70) for n, network in enumerate(networks)]


def test_summary_names_every_outcome(tmp_path):
    networks = ["9-5-5", "jpeg_9-5-5", "jpeg_9-5-5", "jpeg_9-5-5"]
    outcome = Outcome(planned=9, results=results(*networks), skipped=3, failed=2, ignored=1)
    assert outcome.summary(BatchOptions(scale=2.5, out=tmp_path)) == (
        f"4 of 9 enlarged by 2.5 with jpeg_9-5-5 (3) and 9-5-5 (1), in {tmp_path}; "
        "3 skipped (already there), 2 failed, 1 ignored (earlier results)"
    )
    assert (
        Outcome(1, results(None)).summary(BatchOptions(scale=1, out=tmp_path)) == f"1 of 1 enlarged by 1, in {tmp_path}"
    )


def test_few_results_have_a_line_each_and_many_have_none():
    options = BatchOptions(scale=2, out=Path("out"))
    assert Outcome(2, results("jpeg_9-5-5", None)).lines(options) == [
        "0.jpg -> out/0.jpg (jpeg_9-5-5, JPEG of quality 70)",
        "1.jpg -> out/1.jpg",
        "2 of 2 enlarged by 2 with jpeg_9-5-5, in out",
    ]
    assert Outcome(11, results(*["9-5-5"] * 11)).lines(options) == ["11 of 11 enlarged by 2 with 9-5-5, in out"]
    figure = Result(Path("a\n.png"), (Path("out/a.png"), Path("out/a_comparison.png")), "9-5-5")
    assert figure.line() == "a .png -> out/a.png and out/a_comparison.png (9-5-5)"


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
    outcome = upscale_files([task], DoubledNetworks(), options)
    assert (outcome.upscaled, outcome.failed) == (1, 0)
    photo = read_photo(tmp_path / name)
    np.testing.assert_array_equal(read_photo(task.target).pixels, photo.pixels.repeat(2, 0).repeat(2, 1))
    assert caplog.messages == [f"{tmp_path / name} {note}" for note in photo.notes]
    assert bool(photo.notes) == (sample.row == "cmyk" or name == "rgb-with-grey-profile.png")
