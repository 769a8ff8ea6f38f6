"""`srcnn dictionaries` trains, stops and goes on; `srcnn evaluate` scores its models."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image
from skimage import data

from paddle_srcnn.commands import dictionaries, evaluate
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.paper import paper_channels, paper_score
from paddle_srcnn.sparse import learning
from paddle_srcnn.sparse.files import load_model, read_arrays

pytest.importorskip("sklearn")

SMALL = ("--samples", 1500, "--passes", 2, "--atoms", 40)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for name, image in (("camera", data.camera()[150:250, 150:250]), ("coins", data.coins()[:90, :90])):
        Image.fromarray(image).save(folder / f"{name}.png")
    return folder


def train(command, photos, out, *more, method="l1"):
    return command(dictionaries, "--method", method, "--train-data", photos, "--out", out, *SMALL, *more)


@pytest.mark.parametrize("method", ["l1", "anchored"])
def test_trained_model_is_scored_like_a_network(method, command, photos, tmp_path):
    status, stdout, stderr = train(command, photos, tmp_path, "--scale", 2, method=method)
    assert (status, stdout.splitlines()[-1]) == (0, f"results are in {tmp_path}"), stderr
    weights = tmp_path / "weights.safetensors"
    status, stdout, stderr = command(evaluate, "--weights", weights, "--set", photos, "--format", "csv")
    assert status == 0, stderr
    assert f"sparse coding ({method}, 40 " in stderr
    *rows, means = csv.DictReader(io.StringIO(stdout))
    model = load_model(weights)
    for row in rows:
        hr = paper_channels(read_image(photos / f"{row['picture']}.png"), 2)
        psnr, ssim = paper_score(model.restore(imresize(hr, 1 / 2))[0], hr[0], 2)
        assert float(row["sparse_psnr_db"]) == pytest.approx(psnr, abs=1e-9)
        assert float(row["sparse_ssim"]) == pytest.approx(ssim, abs=1e-9)
    assert float(means["sparse_psnr_db"]) > float(means["bicubic_psnr_db"])


def test_metadata_tell_how_the_model_was_trained(command, photos, tmp_path):
    train(command, photos, tmp_path, "--seed", 5)
    metadata = load_model(tmp_path / "weights.safetensors").metadata
    assert (metadata["seed"], metadata["scale"], metadata["protocol"]) == ("5", "3", "paper")
    assert json.loads(metadata["settings"])["atoms"] == 40
    assert metadata["commit"]


@pytest.mark.parametrize("stage", ["dictionary", "maps"])
def test_stopped_training_goes_on(stage, command, photos, tmp_path, monkeypatch):
    """Ctrl-C in a pass or between blocks of maps; then --resume."""
    monkeypatch.setattr(dictionaries, "SAVE_SECONDS", 0.0)
    assert train(command, photos, tmp_path / "whole", method="anchored")[0] == 0
    name, calls = {"dictionary": ("_improved", 1), "maps": ("_map_around", 20)}[stage], []
    before = getattr(learning, name[0])

    def stopping(*arguments):
        calls.append(0)
        if len(calls) > name[1]:
            raise KeyboardInterrupt
        return before(*arguments)

    monkeypatch.setattr(learning, name[0], stopping)
    assert train(command, photos, tmp_path / "stopped", method="anchored")[0] == 130
    assert not (tmp_path / "stopped" / "weights.safetensors").exists()
    assert read_arrays(tmp_path / "stopped" / "checkpoint.safetensors")[1]["stage"] == stage
    monkeypatch.setattr(learning, name[0], before)
    assert train(command, photos, tmp_path / "stopped", "--resume", method="anchored")[0] == 0
    whole, resumed = (load_model(tmp_path / name / "weights.safetensors").model for name in ("whole", "stopped"))
    for array in ("projection", "low", "maps"):
        np.testing.assert_array_equal(getattr(whole, array), getattr(resumed, array))


def test_earlier_results_move_aside(command, photos, tmp_path):
    train(command, photos, tmp_path)
    before = (tmp_path / "weights.safetensors").read_bytes()
    train(command, photos, tmp_path, "--seed", 1)
    assert (tmp_path / "earlier-1" / "weights.safetensors").read_bytes() == before
    assert (tmp_path / "weights.safetensors").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume"], ["--resume", "checkpoint.safetensors"]),
        (["--atoms", 99_999], ["--atoms", "fewer than 99999"]),
        (["--atoms", 0], ["--atoms", "not above 0"]),
        (["--train-data", "nowhere"], ["--train-data", "nowhere"]),
    ],
)
def test_problems_take_one_line(arguments, words, command, photos, tmp_path):
    status, _, stderr = train(command, photos, tmp_path / "out", *arguments)
    assert status == 2
    assert stderr.count("\n") == 1
    assert all(word in stderr for word in words), stderr


def test_resumed_training_keeps_its_settings(command, photos, tmp_path):
    train(command, photos, tmp_path)
    status, _, stderr = train(command, photos, tmp_path, "--resume", "--seed", 1)
    assert status == 2
    assert "other settings" in stderr


def test_model_is_scored_at_its_own_scale_alone(command, photos, tmp_path):
    train(command, photos, tmp_path)
    weights = tmp_path / "weights.safetensors"
    status, _, stderr = command(evaluate, "--weights", weights, "--set", photos, "--scale", 2)
    assert status == 2
    assert "is for x3 alone" in stderr
    status, _, stderr = command(evaluate, "--weights", weights, "--set", photos, "--out", weights)
    assert status == 2
    assert "name another" in stderr
