import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from benchmarks.checkouts import __main__ as checkouts
from benchmarks.checkouts import inputs, speed
from benchmarks.checkouts.compare import VOLATILE, compare_folders
from benchmarks.checkouts.side import Command, Side, StepError
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import run_command

SUMMARY = {"recipe": "baseline", "commit": "a", "seconds": 1.5, "final": {"psnr_db": {"bird": 30.1234}}}


def write_results(folder: Path, *, summary=None, parts=({"epoch": 0, "commit": "a"},), seconds=1.5) -> Path:
    """Write a folder of results such as a training leaves, but tiny."""
    folder.mkdir()
    (folder / "summary.json").write_text(json.dumps(summary or SUMMARY))
    (folder / "curve.csv").write_text("epoch,loss\n0,\n1,2.5\n")
    tensors = {"conv1.weight": np.arange(6, dtype=np.float32)}
    content = {"curve": [{"epoch": 1, "loss": 2.5}], "seconds": seconds, "parts": list(parts)}
    save_file(tensors, folder / "checkpoint.safetensors", {"checkpoint": json.dumps(content), "sha256": str(seconds)})
    save_file(tensors, folder / "weights.safetensors")
    np.save(folder / "upscaled.npy", np.zeros((3, 4), np.uint8))
    Image.fromarray(np.full((5, 6, 3), 7, np.uint8)).save(folder / "upscaled.png")
    return folder


@pytest.fixture
def results(tmp_path):
    return write_results(tmp_path / "old"), write_results(tmp_path / "new")


def flip_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


def test_equal_folders_are_identical(results):
    outcome = compare_folders(*results)
    assert outcome.differences == []
    assert outcome.compared >= 6
    assert outcome.sentence() == "identical"


@pytest.mark.parametrize("name", ["weights.safetensors", "checkpoint.safetensors", "curve.csv", "upscaled.npy"])
def test_one_bit_is_reported(results, name):
    flip_bit(results[1] / name)
    (difference,) = compare_folders(*results).differences
    assert difference.startswith(f"{name}: ")


def test_pixels_are_told_from_bytes(results):
    file = results[1] / "upscaled.png"
    with Image.open(file) as image:
        image.load()
    image.save(file, compress_level=0)
    assert compare_folders(*results).differences == ["upscaled.png: bytes differ, pixels are identical"]
    image.putpixel((0, 0), (7, 9, 7))
    image.save(file)
    assert compare_folders(*results).differences == ["upscaled.png: 1 of 90 pixels differ, by at most 2"]


def test_commit_and_seconds_may_differ_and_nothing_else(tmp_path):
    old = write_results(tmp_path / "old")
    later = write_results(tmp_path / "later", summary={**SUMMARY, "commit": "b", "seconds": 2.0}, seconds=2.0)
    assert compare_folders(old, later).differences == []
    better = write_results(tmp_path / "better", summary={**SUMMARY, "final": {"psnr_db": {"bird": 30.1235}}, "new": 1})
    assert compare_folders(old, better).differences == [
        "summary.json: final.psnr_db.bird is 30.1234, now 30.1235 (and 1 more)",
    ]
    assert compare_folders(old, later, ignored=frozenset(), exact=True).differences == [
        "checkpoint.safetensors: seconds is 1.5, now 2.0",
        "summary.json: commit is 'a', now 'b' (and 1 more)",
    ]


def test_only_a_resumed_run_may_have_another_part(tmp_path):
    old = write_results(tmp_path / "old")
    resumed = write_results(tmp_path / "new", parts=({"epoch": 0}, {"epoch": 1}))
    assert compare_folders(old, resumed).differences == ["checkpoint.safetensors: parts.1.epoch is missing, now 1"]
    assert compare_folders(old, resumed, ignored=VOLATILE | {"parts"}).differences == []


def test_missing_files_are_reported(results):
    (results[1] / "curve.csv").unlink()
    (results[0] / "upscaled.npy").unlink()
    assert compare_folders(*results).differences == [
        "curve.csv is missing in NEW",
        "upscaled.npy is missing in OLD",
    ]


def test_version_of_the_producer_is_only_noted(tmp_path):
    helper = pytest.importorskip("onnx").helper
    for name, version, operation in (("a", "1", "Relu"), ("b", "2", "Relu"), ("c", "2", "Neg")):
        ends = [helper.make_tensor_value_info(end, 1, [1]) for end in "xy"]
        graph = helper.make_graph([helper.make_node(operation, ["x"], ["y"])], "g", ends[:1], ends[1:])
        (tmp_path / name).mkdir()
        content = helper.make_model(graph, producer_version=version).SerializeToString()
        (tmp_path / name / "model.onnx").write_bytes(content)
    noted = compare_folders(tmp_path / "a", tmp_path / "b")
    assert (noted.differences, len(noted.notes)) == ([], 1)
    assert len(compare_folders(tmp_path / "a", tmp_path / "c").differences) == 1


@pytest.fixture
def make_side(tmp_path):
    """A checkout with a package of one module, as a function of its name."""

    def make(name: str) -> Side:
        package = tmp_path / name / "paddle_srcnn"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "only_here.py").write_text(f"print({name!r})")
        (tmp_path / f"{name}_results").mkdir()
        return Side(name, (tmp_path / name).resolve(), tmp_path / f"{name}_results", tmp_path)

    return make


def test_a_process_runs_the_code_of_its_checkout(make_side):
    old, new = make_side("OLD"), make_side("NEW")
    command = Command(("-c", "import paddle_srcnn.only_here"), "said.txt")
    for side in (old, new):
        folder = side.result("said", lambda side, folder: side.run(command, folder))
        assert (folder / "said.txt").read_text() == side.name
        assert side.witnessed[0]["paddle_srcnn"].startswith(f"{side.checkout}/")
    assert [file.name for file in new.root.rglob("*")] == ["said", "said.txt"]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("import paddle_srcnn.errors", "No module named 'paddle_srcnn.errors'"),  # which the installed package has
        ("pass", "did not import paddle_srcnn"),
        ("import sys; sys.path.insert(0, '../../OLD'); import paddle_srcnn", "which is not of"),
    ],
)
def test_code_from_elsewhere_is_an_error(make_side, code, problem):
    make_side("OLD")
    side = make_side("NEW")
    with pytest.raises(StepError, match=problem) as raised:
        side.result("said", lambda side, folder: side.run(Command(("-c", code)), folder))
    assert raised.value.side == "NEW"
    assert list(side.root.iterdir()) == []


def test_failure_of_new_is_a_difference_and_stops_no_other_check(make_side, monkeypatch, capsys):
    def fail(old, new):
        raise StepError("NEW", "train.py ended with exit status 1: why")

    def compare(old, new):
        return compare_folders(old.checkout, old.checkout)

    monkeypatch.setattr(checkouts, "CHECKS", {"broken": fail, "sound": compare})
    assert not checkouts.run_checks(["broken", "sound"], make_side("OLD"), make_side("NEW"))
    broken, sound = capsys.readouterr().out.splitlines()
    assert "exit status 1: why" in broken
    assert "2 compared: identical" in sound


def test_cache_is_kept_by_commit(tmp_path):
    def git(*arguments):
        author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(tmp_path), *author, *arguments], check=True, capture_output=True)

    file = tmp_path / "file"
    file.write_text("1")
    for arguments in (("init",), ("add", "file"), ("commit", "-m", "1")):
        git(*arguments)
    first = checkouts.cache_key(tmp_path, None)
    assert checkouts.cache_key(tmp_path, None) == first
    file.write_text("2")
    with pytest.raises(UserError, match="not a clean commit"):
        checkouts.cache_key(tmp_path, None)
    git("commit", "-a", "-m", "2")
    assert checkouts.cache_key(tmp_path, None) != first


def test_wrong_folders_are_one_line(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys, "argv", ["checkouts.py", str(tmp_path), str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        run_command(checkouts.main)
    assert ended.value.code == 2
    assert "give the folder of train.py" in capsys.readouterr().err


def test_inputs_are_the_same_at_every_call(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        inputs.write_photos(tmp_path / name / "photos")
    outcome = compare_folders(tmp_path / "old", tmp_path / "new")
    assert outcome.compared == len(inputs.PHOTOS)
    assert [difference for difference in outcome.differences if "pixels are identical" not in difference] == []


def test_speeds_are_compared_in_pairs():
    told = speed.line("training", "patches/s", [[100.0, 200.0, 400.0], [90.0, 200.0, 440.0]])
    assert "OLD 200.00, NEW 200.00 patches/s" in told
    assert "NEW / OLD 1.000 (of the best 1.100; of 3 pairs 1.000, half of them 0.900 to 1.100)" in told
