"""Known data sets, their parts, and the sample photographs."""

from pathlib import Path

import pytest

from paddle_srcnn.commands.data import main
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.reader import choose_datasets, file_names, find_dataset, samples_training, samples_validation
from paddle_srcnn.reader.download import checksums


def test_known_sets_are_found_in_the_documented_order(empty_disk, put_set, monkeypatch):
    monkeypatch.setenv("SRCNN_DATA", str(empty_disk / "mine"))
    (empty_disk / "mine").mkdir()
    assert find_dataset("T91") is None
    for folder in ("../cache", "../shared/datasets", "data", "../mine"):  # from the last folder to the first
        put_set(Path(folder), "T91")
        found = find_dataset("T91")
        assert Path(found.found).resolve() == Path(folder, "T91").resolve()
        assert [file.name for file in found.files] == ["t1.bmp", "t2.bmp", "t3.bmp"]


def test_incomplete_set_is_passed_over_and_listed(empty_disk, put_set, capsys):
    (put_set(Path("data"), "T91") / "t2.bmp").unlink()
    assert find_dataset("T91") is None
    main([])
    assert "not found: data/T91 lacks 1 of 3; srcnn data fetch T91" in capsys.readouterr().out
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


def test_listing_says_what_is_where(put_set, capsys):
    put_set(Path("data"), "Set5")
    main([])
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["set", "pictures", "found"]
    assert lines[1] == ["T91", "3", "not found: srcnn data fetch T91"]
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
