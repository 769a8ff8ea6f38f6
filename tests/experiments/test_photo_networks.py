"""Scores of the networks for photos on inputs with defects."""

import numpy as np
import pytest
from helpers import needs_paddle
from small_networks import weights_of

from lab import photo_networks
from lab.photo_networks import INPUTS, bicubic, luma_psnr, measure
from lab.tables import photos
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import save_weights
from paddle_srcnn.protocols.defects import Jpeg, downscaled
from paddle_srcnn.protocols.paper import paper_channels


@pytest.fixture
def scores(monkeypatch, tmp_path, write_noise):
    monkeypatch.setattr(photo_networks, "SCALES", (2,))
    monkeypatch.setattr(photo_networks, "NETWORKS", ("9-1-5",))
    names = ["sr_9-1-5_x2", *(f"sr_{defect}_9-1-5_x2" for defect in ("jpeg", "noise_low", "noise_high"))]
    sources = {name: tmp_path / f"{name}.safetensors" for name in names}
    for seed, path in enumerate(sources.values()):
        save_weights(path, weights_of(seed=seed, filters=(9, 1, 5)))
    folder = tmp_path / "set"
    folder.mkdir()
    file = write_noise(folder / "a.png", 48, 60, channels=3)
    return file, measure([str(folder)], sources)


@needs_paddle
def test_every_input_has_a_row_with_every_method(scores):
    file, rows = scores
    strengths = {defect: [None, *defects[1].strengths] for defect, defects in INPUTS.items()}
    assert [(row["defect"], row["strength"]) for row in rows] == [
        (defect, strength) for defect, of_defect in strengths.items() for strength in of_defect
    ]
    assert {tuple(row["psnr_db"]) for row in rows if row["defect"] == "jpeg"} == {("bicubic", "plain", "jpeg")}
    image = read_image(file)
    compressed = next(Jpeg("jpeg", (85,)).applied(downscaled(image, 2), np.random.default_rng(0)))
    expected = luma_psnr(bicubic(compressed, scale=2), paper_channels(image, 2)[0], 2)
    row = next(row for row in rows if row["strength"] == 85)
    assert row["psnr_db"]["bicubic"] == pytest.approx(expected, abs=1e-4)
    assert len({round(value, 3) for value in row["psnr_db"].values()}) == 3


def test_cells_mark_the_best_network():
    cells = photos._cells({"bicubic": 30.0, "plain": 29.0, "noise_low": 31.25, "noise_high": 31.0})
    assert cells == ["29.00", "**31.25** / 31.00"]
    assert photos._cells({"bicubic": 30.0, "plain": 31.0, "jpeg": 29.0}) == ["**31.00**", "29.00"]
