"""Pictures as users name them."""

import os
from pathlib import Path

import pytest

from paddle_srcnn.errors import UserError
from reader import named_pictures


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


def test_name_that_is_also_a_pattern_is_a_file(holiday, write_noise):
    write_noise(holiday / "x[1].png", 20, 20)
    assert named_pictures(["holiday/x[1].png"], recursive=False) == [(holiday / "x[1].png", Path())]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nothing.png", "nothing.png is neither a file"),
        ("holiday/*.bmp", "no picture has such a name"),
        ("empty", "empty holds no picture"),
        ("", "empty path"),
    ],
)
def test_names_of_nothing_are_told(holiday, name, words):
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
