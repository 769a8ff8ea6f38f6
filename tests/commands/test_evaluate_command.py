"""`experiments/evaluate.py`, in both protocols."""

import csv
import io
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from helpers import assert_one_line, needs_paddle
from matlab_files import matlab_arrays, restored_as_the_authors_do
from scipy.io import savemat

from paddle_srcnn.commands import evaluate
from paddle_srcnn.images.io import read_image, write_image
from paddle_srcnn.model.weights import load_weights, save_weights
from paddle_srcnn.protocols.paper import paper_channels, paper_score, upsample


@pytest.fixture
def paper_weights(tmp_path):
    savemat(tmp_path / "x3.mat", matlab_arrays())
    return tmp_path / "x3.mat"


@pytest.fixture
def pictures(tmp_path, write_noise):
    write_noise(tmp_path / "mine" / "a.png", 40, 50)
    write_noise(tmp_path / "mine" / "b.png", 33, 60, channels=1)
    return tmp_path / "mine"


@needs_paddle
@pytest.mark.end_to_end
def test_super_resolution_is_scored_as_the_authors_do(command, paper_weights, pictures):
    arguments = ["--weights", paper_weights, "--set", pictures, "--scale", 3, "--format", "csv"]
    status, stdout, stderr = command(evaluate, *arguments)
    assert status == 0
    assert "mine, x3: no published figure of bicubic" in stderr
    *rows, means = csv.DictReader(io.StringIO(stdout))
    assert [row["picture"] for row in (*rows, means)] == ["a", "b", "(mean)"]
    for row in rows:
        hr = paper_channels(read_image(pictures / f"{row['picture']}.png"), 3)
        upsampled = upsample(hr, 3)
        restored = 255 * restored_as_the_authors_do(matlab_arrays(), upsampled[0] / 255)
        for method, sr in (("bicubic", upsampled[0]), ("srcnn", restored)):
            psnr, ssim = paper_score(sr, hr[0], 3)
            assert float(row[f"{method}_psnr_db"]) == pytest.approx(psnr, abs=1e-3)
            assert float(row[f"{method}_ssim"]) == pytest.approx(ssim, abs=1e-4)
    for column in ("bicubic_psnr_db", "srcnn_ssim"):
        assert float(means[column]) == pytest.approx(np.mean([float(row[column]) for row in rows]))


@needs_paddle
@pytest.mark.end_to_end
@pytest.mark.parametrize("style", ["text", "markdown", "json"])
def test_table_of_the_articles_protocol(command, pictures, tmp_path, style):
    arguments = ["--weights", "baseline", "--set", pictures, "--format", style, "--out", tmp_path / "out" / "table"]
    status, stdout, stderr = command(evaluate, *arguments)
    assert (status, stdout) == (0, "")
    assert "protocol `article`" in stderr
    table = (tmp_path / "out" / "table").read_text()
    if style == "json":
        rows = json.loads(table)
        assert [row["picture"] for row in rows] == ["a", "b", "(mean)", "(pooled)"]
        assert rows[2]["input_psnr_db"] == pytest.approx(
            (rows[0]["input_psnr_db"] + rows[1]["input_psnr_db"]) / 2, abs=1e-3
        )
    else:
        assert "(pooled)" in table
        assert table.startswith("| set | picture |" if style == "markdown" else "set   picture")


def test_pictures_that_only_have_the_name_of_a_set_are_refused(command, paper_weights, tmp_path, write_noise):
    write_noise(tmp_path / "Set5" / "a.png", 40, 50)
    arguments = ["--weights", paper_weights, "--set", tmp_path / "Set5", "--scale", 3]
    assert_one_line(command(evaluate, *arguments), "evaluate", "30.39 dB", "not that set's images")


def test_names_of_sets_are_split_at_commas_unless_a_folder_has_one(tmp_path):
    (tmp_path / "a,b,c").mkdir()
    folder = str(tmp_path / "a,b,c")
    assert evaluate.set_names("Set5,Set14") == ["Set5", "Set14"]
    assert evaluate.set_names(folder) == [folder]
    assert evaluate.set_names(f"Set5,{folder},T91") == ["Set5", folder, "T91"]
    assert evaluate.set_names("") == [""]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weights", "baseline", "--scale", "3"], ["--scale", "remove a blur"]),
        (["--weights", "nosuch"], ["nosuch", "baseline"]),
        (["--weights", "{mat}"], ["x3.mat", "--scale"]),
        (["--weights", "{mat}", "--scale", "5"], ["--scale"]),
        (["--weights", "{mat}", "--scale", "3", "--set", "nowhere"], ["nowhere"]),
        (["--weights", "{mat}", "--scale", "3", "--set", ""], ["empty"]),
        (["--weights", "{mat}", "--scale", "3", "--set", "{small}"], ["small.png", "17 pixels"]),
        (["--weights", "{mat}", "--scale", "3", "--set", "{flat}"], ["flat.png", "too flat"]),
        (["--weights", "{mat}", "--scale", "3", "--format", "html"], ["--format"]),
        ([], ["--weights"]),
    ],
)
def test_wrong_options_are_one_line(command, paper_weights, write_noise, tmp_path, arguments, words):
    small = write_noise(tmp_path / "small" / "small.png", 16, 50)
    flat = tmp_path / "flat" / "flat.png"
    write_image(flat, np.full((40, 50, 3), 7, np.uint8))
    arguments = [text.format(mat=paper_weights, small=small.parent, flat=flat.parent) for text in arguments]
    assert_one_line(command(evaluate, *arguments), "evaluate", *words)


@pytest.mark.parametrize("scale", ["abc", "0", "-1", "2.0", "", "1e999", "7"])
def test_scale_that_weights_cannot_be_for_is_refused(command, tmp_path, scale):
    path = tmp_path / "odd.safetensors"
    weights = load_weights("baseline")
    save_weights(path, replace(weights, metadata={**weights.metadata, "protocol": "paper", "scale": scale}))
    assert_one_line(command(evaluate, "--weights", path), "evaluate", "odd.safetensors", "--scale")


@needs_paddle
def test_other_scale_than_the_weights_own_is_warned_of(command, paper_weights, pictures, tmp_path, monkeypatch):
    from paddle_srcnn.commands import weights as package_command

    converted = tmp_path / "x3.safetensors"
    monkeypatch.setattr(sys, "argv", ["paddle_srcnn", "convert", str(paper_weights), str(converted), "--scale", "3"])
    package_command.main()
    arguments = ["--weights", converted, "--set", pictures]
    assert "warning" not in command(evaluate, *arguments)[2]
    status, _, stderr = command(evaluate, *arguments, "--scale", 2)
    assert status == 0
    assert f"warning: {converted} was trained for x3, not x2" in stderr


def test_table_does_not_replace_the_weights(command, paper_weights, pictures):
    before = paper_weights.read_bytes()
    arguments = ["--weights", paper_weights, "--set", pictures, "--scale", 3, "--out", paper_weights]
    assert_one_line(command(evaluate, *arguments), "evaluate", "--out", "name another")
    assert paper_weights.read_bytes() == before
