"""Images as users name them."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.reader import find_picture, folder_dataset, load_patches, named_pictures, samples_validation


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_folder_is_searched_recursively_in_order(tmp_path):
    names = ["B.BMP", "a.png", "sub/c.jpg", "sub/deeper/d.TIF", "sub2/e.webp", "t1.bmp", "t10.bmp", "t2.jpeg"]
    for name in [*reversed(names), "notes.txt", ".hidden.png", ".cache/x.png", "sub/Thumbs.db"]:
        touch(tmp_path / name)
    dataset = folder_dataset(tmp_path)
    assert [str(file.relative_to(tmp_path)) for file in dataset.files] == names
    assert (dataset.name, dataset.found) == (tmp_path.name, str(tmp_path))


def test_links_are_followed_once(tmp_path):
    touch(tmp_path / "pictures" / "a.png")
    touch(tmp_path / "elsewhere" / "b.png")
    (tmp_path / "pictures" / "loop").symlink_to(tmp_path / "pictures", target_is_directory=True)
    (tmp_path / "pictures" / "more").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    assert [file.name for file in folder_dataset(tmp_path / "pictures").files] == ["a.png", "b.png"]


@pytest.mark.parametrize("suffix", ["bmp", "png", "jpg", "tif", "webp"])
def test_any_common_format_trains(tmp_path, suffix):
    image = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    Image.fromarray(image).save(tmp_path / f"a.{suffix}")
    assert len(load_patches(folder_dataset(tmp_path).files, margin=6).inputs) == 4


def test_one_image_is_a_set(tmp_path):
    file = touch(tmp_path / "a.png")
    assert folder_dataset(file).files == (file,)


def test_useless_paths_are_errors_that_name_them(tmp_path):
    touch(tmp_path / "notes.txt")
    for path, problem in (("nowhere", "does not exist"), ("notes.txt", "is not an image"), (".", "holds no image")):
        with pytest.raises(UserError, match=problem) as caught:
            folder_dataset(tmp_path / path)
        assert str(tmp_path / path) in str(caught.value)
    with pytest.raises(UserError, match="empty"):
        folder_dataset("")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_folder_that_cannot_be_listed_is_an_error(tmp_path):
    locked = touch(tmp_path / "locked" / "a.png").parent
    locked.chmod(0)
    try:
        with pytest.raises(UserError, match="locked cannot be listed"):
            folder_dataset(tmp_path)
    finally:
        locked.chmod(0o700)


@pytest.mark.parametrize("name", ["bird", "bird.bmp", "bird_GT", "bird_GT.bmp"])
def test_image_is_found_by_name(put_set, name):
    folder = put_set(Path("data"), "Set5")
    assert find_picture(name) == folder / "bird_GT.bmp"


def test_file_comes_before_an_image_of_a_set(put_set):
    put_set(Path("data"), "Set5")
    assert find_picture(str(touch(Path("bird.bmp")))) == Path("bird.bmp")


def test_sample_is_found_without_any_set(tiny_sets):
    assert find_picture("astronaut") == samples_validation().files[0]
    assert find_picture("coins.png").name == "coins.png"


def test_unknown_name_lists_what_was_searched(put_set):
    put_set(Path("data"), "Set5")
    with pytest.raises(UserError, match=r"nobody does not exist.*Set5 \(data/Set5\) or samples .*fetch T91 Set14`"):
        find_picture("nobody")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("bird.png", "bird.png does not exist in {here}"),
        ("holiday.jpg", "holiday.jpg does not exist in {here}; did you mean holiday.JPG?"),
        ("./holidays.JPG", "./holidays.JPG does not exist in {here}; did you mean holiday.JPG?"),
        ("scans/page.tif", "scans/page.tif does not exist in {here}/scans; did you mean page.tiff?"),
        ("nowhere/bird.bmp", "nowhere/bird.bmp does not exist: there is no folder {here}/nowhere"),
        ("holiday.JPG/a.png", "holiday.JPG/a.png does not exist: there is no folder {here}/holiday.JPG"),
        ("link.png", "link.png is a link to something that does not exist"),
    ],
)
def test_wrong_path_is_told_without_data_sets(put_set, name, words):
    put_set(Path("data"), "Set5")
    for file in ("holiday.JPG", "scans/page.tiff"):
        touch(Path(file))
    Path("link.png").symlink_to("nowhere.png")
    with pytest.raises(UserError) as caught:
        find_picture(name)
    assert str(caught.value).startswith(words.format(here=Path.cwd()))
    assert "Set5" not in str(caught.value)


def test_name_without_a_suffix_that_is_nearly_a_folder(tiny_sets):
    Path("holiday").mkdir()
    with pytest.raises(UserError, match=r"holidays does not exist in .*; did you mean holiday\?; nor is it"):
        find_picture("holidays")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind")
def test_path_that_may_not_be_looked_up_is_told(tmp_path):
    locked = touch(tmp_path / "locked" / "a.png").parent
    locked.chmod(0)
    try:
        with pytest.raises(UserError, match="cannot be looked up"):
            find_picture(str(locked / "a.png"))
    finally:
        locked.chmod(0o700)


@pytest.fixture
def holiday(tmp_path, write_noise, monkeypatch):
    for name in ("b.png", "a.jpg", "sub/a.jpg", "sub/deep/c.png", ".hidden.png"):
        write_noise(tmp_path / "holiday" / name, 20, 20)
    (tmp_path / "holiday" / "notes.txt").write_text("no picture")
    monkeypatch.chdir(tmp_path)
    return Path("holiday")


def test_files_folders_and_patterns(holiday):
    def names(*given, recursive=False):
        return [(str(file), str(folder)) for file, folder in named_pictures(given, recursive=recursive)]

    assert names("holiday/b.png") == [("holiday/b.png", ".")]
    assert names("holiday") == [("holiday/a.jpg", "."), ("holiday/b.png", ".")]
    deep = [("holiday/sub/a.jpg", "sub"), ("holiday/sub/deep/c.png", "sub/deep")]
    assert sorted(names("holiday", recursive=True)) == sorted(names("holiday") + deep)
    assert names("holiday/*") == names("holiday")
    assert names("holiday/sub/*.jpg", "holiday/sub") == [("holiday/sub/a.jpg", ".")]  # each once
    assert len(names("holiday/**/*", recursive=True)) == 4
    assert Path(names("astronaut")[0][0]).name == "astronaut.png"


@pytest.mark.parametrize("recursive", [False, True])
def test_every_ending_is_found_and_what_is_not_read_is_named(tmp_path, caplog, recursive):
    endings = [".jfif", ".JPE", ".jif", ".MPO", ".dib", ".Tif", ".gif", ".avif", ".heic"]
    for ending in [*endings, ".psd", ".cr2", ".txt"]:
        touch(tmp_path / f"a{ending}")
    found = named_pictures([str(tmp_path)], recursive=recursive)
    assert {file.suffix for file, _ in found} == set(endings)
    assert caplog.messages == [f"{tmp_path}: 2 of a kind that is not read, left out: a.cr2, a.psd"]


def test_pattern_names_what_is_not_read(tmp_path, caplog):
    for name in ("a.png", "b.cr2", "c.psd", "d.txt", "sub/e.psd"):
        touch(tmp_path / name)
    assert [file.name for file, _ in named_pictures([f"{tmp_path}/*"], recursive=False)] == ["a.png"]
    with pytest.raises(UserError, match="no image matches"):
        named_pictures([f"{tmp_path}/*.psd"], recursive=False)
    counted = [f"{tmp_path}/*: 2 of a kind that is not read, left out: b.cr2, c.psd"]
    assert caplog.messages == [*counted, f"{tmp_path}/*.psd: 1 of a kind that is not read, left out: c.psd"]


def test_name_that_is_also_a_pattern_is_a_file(holiday, write_noise):
    write_noise(holiday / "x[1].png", 20, 20)
    assert named_pictures(["holiday/x[1].png"], recursive=False) == [(holiday / "x[1].png", Path())]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing.png", "nothing.png does not exist in "),
        ("holiday/*.bmp", "no image matches"),
        ("empty", "empty holds no image"),
        ("", "path is empty"),
    ],
)
def test_names_of_nothing_are_errors(holiday, name, words):
    Path("empty").mkdir()
    with pytest.raises(UserError, match=words):
        named_pictures([name], recursive=False)


def test_folder_that_may_not_be_looked_into_is_named(holiday, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match="holiday cannot be listed"):
        named_pictures(["holiday"], recursive=False)
