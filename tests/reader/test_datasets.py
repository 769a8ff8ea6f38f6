import os
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from reader import (
    choose_datasets,
    file_names,
    find_dataset,
    find_picture,
    folder_dataset,
    load_patches,
    samples_training,
    samples_validation,
)
from reader.__main__ import main
from reader.download import checksums


@pytest.fixture
def refusing_url():
    """Address on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: connections are refused, nobody else gets the port
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


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
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    Image.fromarray(picture).save(tmp_path / f"a.{suffix}")
    assert len(load_patches(folder_dataset(tmp_path).files, margin=6).inputs) == 4


def test_one_picture_is_a_set(tmp_path):
    file = touch(tmp_path / "a.png")
    assert folder_dataset(file).files == (file,)


def test_useless_paths_are_errors_that_name_them(tmp_path):
    touch(tmp_path / "notes.txt")
    for path, problem in (("nowhere", "does not exist"), ("notes.txt", "is not a picture"), (".", "holds no picture")):
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


def test_known_sets_are_found_in_the_documented_order(empty_disk, put_set, monkeypatch):
    monkeypatch.setenv("SRCNN_DATA", str(empty_disk / "mine"))
    (empty_disk / "mine").mkdir()
    assert find_dataset("T91") is None
    for folder in ("../cache", "../shared/datasets", "data", "../mine"):  # from the last place to the first
        put_set(Path(folder), "T91")
        found = find_dataset("T91")
        assert Path(found.found).resolve() == Path(folder, "T91").resolve()
        assert [file.name for file in found.files] == ["t1.bmp", "t2.bmp", "t3.bmp"]


def test_incomplete_set_is_passed_over_and_listed(empty_disk, put_set, capsys):
    (put_set(Path("data"), "T91") / "t2.bmp").unlink()
    assert find_dataset("T91") is None
    main([])
    assert "not found: data/T91 lacks 1 of 3; python -m reader fetch T91" in capsys.readouterr().out
    put_set(empty_disk / "cache", "T91")
    assert find_dataset("T91").found == str(empty_disk / "cache" / "T91")


def test_srcnn_data_must_exist(empty_disk, monkeypatch):
    monkeypatch.setenv("SRCNN_DATA", "nowhere")
    with pytest.raises(UserError, match="SRCNN_DATA=nowhere"):
        find_dataset("T91")


def test_checksums_list_the_published_sets():
    assert {name: len(checksums(name)) for name in ("T91", "Set5", "Set14")} == {"T91": 91, "Set5": 5, "Set14": 14}
    for name in ("T91", "Set5", "Set14"):
        assert list(checksums(name)) == sorted(checksums(name))
        assert all(len(bytes.fromhex(digest)) == 32 for digest in checksums(name).values())


def test_samples_are_split_into_photographs_that_can_be_read():
    training, validation = samples_training(), samples_validation()
    assert (len(training.files), len(validation.files)) == (10, 5)
    assert not set(training.files) & set(validation.files)
    assert training.name == validation.name == "samples"
    assert training.found.startswith("scikit-image ")
    assert all(min(read_image(file).shape[:2]) >= 300 for file in training.files + validation.files)


def test_sets_on_disk_are_chosen_without_a_word(put_set, capsys, refusing_url):
    put_set(Path("data"), "T91")
    put_set(Path("data"), "Set5")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert (training.name, validation.name) == ("T91", "Set5")
    assert capsys.readouterr() == ("", "")


def test_samples_take_over_both_sides_with_one_line(tiny_sets, capsys, refusing_url):
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert training == samples_training()
    assert validation == samples_validation()
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("warning: T91 and Set5 are not on this disk and cannot be downloaded (no connection")


def test_samples_keep_both_sides_coherent(put_set, capsys, refusing_url):
    put_set(Path("data"), "Set5")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert training.name == validation.name == "samples"
    assert capsys.readouterr().err.startswith("warning: T91 is not on this disk")


def test_only_the_missing_default_is_replaced(put_set, capsys, refusing_url):
    put_set(Path("data"), "T91")
    training, validation = choose_datasets(None, None, base_url=refusing_url)
    assert (training.name, validation.name) == ("T91", "samples")
    assert capsys.readouterr().err.startswith("warning: Set5 is not on this disk")


def test_named_validation_set_stays_beside_samples(put_set, capsys, refusing_url):
    put_set(Path("data"), "Set14")
    training, validation = choose_datasets(None, "Set14", base_url=refusing_url)
    assert (training.name, validation.name) == ("samples", "Set14")
    assert capsys.readouterr().err.startswith("warning: T91 is not on this disk")


def test_named_set_that_cannot_be_had_is_an_error(tiny_sets, capsys, refusing_url):
    with pytest.raises(UserError, match=r"T91/t1\.bmp cannot be downloaded"):
        choose_datasets("T91", None, base_url=refusing_url)
    with pytest.raises(UserError, match=r"Set14/zebra\.bmp cannot be downloaded"):
        choose_datasets(None, "Set14", base_url=refusing_url)
    assert capsys.readouterr().err == ""


def test_folders_and_samples_can_be_named(tiny_sets, capsys, refusing_url):
    file = touch(Path("holiday/a.png"))
    training, validation = choose_datasets("holiday", "samples", base_url=refusing_url)
    assert (training.name, training.files) == ("holiday", (file,))
    assert validation == samples_validation()
    assert capsys.readouterr() == ("", "")
    with pytest.raises(UserError, match=r"set5 does not exist.*Set5"):
        choose_datasets("holiday", "set5", base_url=refusing_url)


@pytest.mark.parametrize("name", ["bird", "bird.bmp", "bird_GT", "bird_GT.bmp"])
def test_picture_is_found_by_name(put_set, name):
    folder = put_set(Path("data"), "Set5")
    assert find_picture(name) == folder / "bird_GT.bmp"


def test_file_comes_before_a_picture_of_a_set(put_set):
    put_set(Path("data"), "Set5")
    assert find_picture(str(touch(Path("bird.bmp")))) == Path("bird.bmp")


def test_built_in_picture_is_found_without_any_set(tiny_sets):
    assert find_picture("astronaut") == samples_validation().files[0]
    assert find_picture("coins.png").name == "coins.png"


@pytest.mark.parametrize("name", ["nobody", "bird.png", "nowhere/bird.bmp"])
def test_unknown_picture_says_what_was_searched(put_set, name):
    put_set(Path("data"), "Set5")
    with pytest.raises(UserError, match=r"Set5 \(data/Set5\), samples.*not on this disk: T91, Set14"):
        find_picture(name)


def test_listing_says_what_is_where(put_set, capsys):
    put_set(Path("data"), "Set5")
    main([])
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["set", "pictures", "found"]
    assert lines[1] == ["T91", "3", "not found: python -m reader fetch T91"]
    assert lines[2] == ["Set5", "2", "data/Set5"]
    assert lines[4][:2] == ["samples", "15"]


def test_parts_of_t91(dataset_folder):
    whole = file_names("T91")
    parts = {name: file_names(name) for name in ("T91-quarter", "T91-half", "T91-rest", "T91-held-out")}
    assert {name: len(files) for name, files in parts.items()} == {
        "T91-quarter": 23,
        "T91-half": 46,
        "T91-rest": 82,
        "T91-held-out": 9,
    }
    assert set(parts["T91-quarter"]) < set(parts["T91-half"]) < set(whole)
    assert sorted(parts["T91-rest"] + parts["T91-held-out"]) == sorted(whole)
    assert not {"t36.bmp", "t65.bmp"} & set(parts["T91-held-out"])  # the same picture: one would be trained on
    folder = dataset_folder("T91")
    found, _ = choose_datasets("T91-held-out", "samples")
    assert (found.name, Path(found.found).resolve()) == ("T91-held-out", folder)
    assert tuple(file.name for file in found.files) == parts["T91-held-out"]
