import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.files import (
    atomic_path,
    check_folder,
    checksum,
    csv_text,
    expanded,
    is_file,
    is_within,
    remove_partial,
    set_aside,
    text_of,
    write_json,
    write_safetensors,
    write_text,
)


def test_text_and_json_are_written_whole(tmp_path):
    write_text(tmp_path / "new" / "a.txt", "Öl\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == b"\xc3\x96l\n"
    write_json(tmp_path / "b.json", {"a": [1, None], "ö": 0.1})
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8")) == {"a": [1, None], "ö": 0.1}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.json", "new"]


def test_temporary_name_is_beside_and_keeps_the_suffix(tmp_path):
    with atomic_path(tmp_path / "a.png") as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".png")
        temporary.write_bytes(b"new")
        assert not (tmp_path / "a.png").exists()
    assert (tmp_path / "a.png").read_bytes() == b"new"


def test_name_may_be_as_long_as_the_file_system_has_them(tmp_path):
    path = tmp_path / f"{'ä' * 125}.png"  # 254 bytes
    with atomic_path(path) as temporary:
        temporary.write_bytes(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("problem", [KeyboardInterrupt, RuntimeError, OSError(28, "No space left on device")])
def test_what_goes_wrong_leaves_the_old_file_alone(tmp_path, problem):
    path = tmp_path / "a.txt"
    path.write_text("old")
    expected = UserError if isinstance(problem, OSError) else problem
    with pytest.raises(expected) as caught, atomic_path(path) as temporary:
        temporary.write_text("half of the n")
        raise problem
    if expected is UserError:
        assert str(caught.value).startswith(f"{path} cannot be written (No space left on device)")
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_forgetting_to_write_is_an_error(tmp_path):
    with pytest.raises(UserError, match="cannot be written"), atomic_path(tmp_path / "a.txt"):
        pass


@pytest.mark.parametrize("folder", ["file", "file/below", "n" * 300], ids=["file", "below a file", "long name"])
def test_unwritable_folder_is_named(tmp_path, folder):
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / folder / "a.txt"
    with pytest.raises(UserError) as caught:
        write_text(path, "text")
    assert str(caught.value).startswith(f"{path} cannot be written (")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_earlier_results_are_set_aside_one_after_another(tmp_path):
    assert set_aside(tmp_path / "missing", ("a", "b")) is None
    assert set_aside(tmp_path, ("a", "b")) is None
    for number in (1, 2, 3):
        (tmp_path / "a").write_text(f"a of run {number}")
        (tmp_path / "other").write_text("stays")
        assert set_aside(tmp_path, ("a", "b")) == tmp_path / f"earlier-{number}"
    (tmp_path / "b").write_text("b of run 4")
    assert set_aside(tmp_path, ("a", "b")) == tmp_path / "earlier-4"
    found = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {
        "other": "stays",
        "earlier-1/a": "a of run 1",
        "earlier-2/a": "a of run 2",
        "earlier-3/a": "a of run 3",
        "earlier-4/b": "b of run 4",
    }


def test_nothing_is_set_aside_in_what_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert set_aside(tmp_path / "file", ("a",)) is None


def test_folder_is_no_file_to_write(tmp_path):
    with pytest.raises(UserError, match="is a folder: name a file in it"):
        write_text(tmp_path, "text")


def test_full_disk_leaves_what_cannot_be_set_aside(tmp_path, monkeypatch):
    (tmp_path / "a").write_text("results")

    def full(self):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(UserError, match=r"No space left on device.*choose another folder"):
        set_aside(tmp_path, ("a",))
    assert (tmp_path / "a").read_text() == "results"


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    """As /dev/null is not, which root could replace for everybody."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link"):
        with pytest.raises(UserError, match=f"{name} is no regular file"):
            write_text(tmp_path / name, "text")
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe"]


def test_partial_files_of_named_results_are_removed(tmp_path):
    names = [".a.7.partial.png", ".a.8.partial.png", ".a.7.partial.txt", ".b.7.partial.png", "a.png", "partial.png"]
    for name in names:
        (tmp_path / name).touch()
    remove_partial(tmp_path, ["a.png"])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[2:])


def test_same_arrays_are_the_same_bytes_whatever_the_order_of_their_metadata(tmp_path):
    tensors, metadata = {"b": np.arange(3.0), "a": np.zeros((2, 1), np.uint8)}, {f"key{i}": str(i) for i in range(9)}
    write_safetensors(tmp_path / "one", tensors, metadata)
    write_safetensors(tmp_path / "two", tensors, dict(reversed(metadata.items())))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    with safe_open(tmp_path / "one", framework="numpy") as file:
        assert file.metadata() == metadata
        for name, value in tensors.items():
            np.testing.assert_array_equal(file.get_tensor(name), value, strict=True)


def test_old_file_is_kept_under_another_name(tmp_path):
    for content in ("one", "two", "three"):
        with atomic_path(tmp_path / "new", keep=tmp_path / "old") as temporary:
            temporary.write_text(content)
    assert (tmp_path / "new").read_text() == "three"
    assert (tmp_path / "old").read_text() == "two"


def test_checksum_is_that_of_the_bytes():
    arrays = [np.arange(6, dtype=np.int16).reshape(2, 3)[:, ::2], np.zeros(2, np.uint8)]
    expected = hashlib.sha256(bytes([0, 0, 2, 0, 3, 0, 5, 0, 0, 0])).hexdigest()[:16]
    assert checksum(arrays) == expected
    assert checksum(iter(arrays)) == expected


def test_rows_become_csv():
    assert csv_text([{"a": 1, "b": "x,y"}, {"a": 0.5, "b": None}]) == 'a,b\n1,"x,y"\n0.5,\n'


def test_users_paths(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert expanded("~/x") == tmp_path / "x"
    assert expanded("./~x") == Path("~x")
    for path, words in (("", "is empty"), ("~nobodyofthisname/x", "unknown user")):
        with pytest.raises(UserError, match=words):
            expanded(path)
    assert not is_file(Path("n" * 300))
    assert text_of(os.fsdecode(b"\xe9t\xc3\xa9")) == "\\udce9té"


def test_path_within_a_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "link").symlink_to("in")
    for path, within in (("in", True), ("in/a/b", True), ("link/a", True), ("in/../a", False), ("inside", False)):
        assert is_within(tmp_path / path, tmp_path / "in") is within
    assert not is_within(Path("a\0b"), tmp_path)


def test_folder_to_write_to_is_made_or_named(tmp_path):
    check_folder(tmp_path / "new" / "out")
    assert list((tmp_path / "new" / "out").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file/out cannot be written to .*choose another folder"):
        check_folder(tmp_path / "file" / "out")


def test_arrays_in_another_memory_order_keep_their_values(tmp_path):
    """Some of scikit-learn's arrays go column by column; safetensors writes the memory as it lies."""
    array = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    write_safetensors(tmp_path / "a.safetensors", {"a": array, "b": array.T, "c": array[:, ::2]}, {})
    with safe_open(tmp_path / "a.safetensors", framework="numpy") as file:
        for name, expected in (("a", array), ("b", array.T), ("c", array[:, ::2])):
            np.testing.assert_array_equal(file.get_tensor(name), expected)
