"""From images to restored images, scores and exported networks, by the commands alone: each uses another's results."""

import csv
import io

import pytest
from helpers import contents, needs_paddle

from paddle_srcnn.commands import evaluate, infer, train
from paddle_srcnn.commands import weights as package_command
from paddle_srcnn.images.photos import read_photo
from paddle_srcnn.reporting.curves import read_curve

pytestmark = [pytest.mark.end_to_end, needs_paddle]


@pytest.fixture
def succeed(command):
    """Run a command that must succeed; gives its stdout."""

    def run(*arguments):
        status, stdout, stderr = command(*arguments)
        assert status == 0, stderr
        return stdout

    return run


@pytest.mark.parametrize(
    ("recipe", "extra"), [("baseline", []), ("sr_9-1-5_x3", ["--patches", 6]), ("espcn_x3", ["--patches", 6])]
)
def test_trained_resumed_evaluated_shown_and_exported(succeed, options, pictures, tmp_path, recipe, extra):
    out, picture = tmp_path / "out", pictures / "val" / "v.png"
    training = ["--exp", recipe, *options, *extra, "--out", out]
    succeed(train, *training, "--epochs", 1 if recipe == "baseline" else 2)
    if recipe == "baseline":  # the other's rates depend on its length
        succeed(train, *training, "--epochs", 2, "--resume")
    trained = read_curve(out / "curve.csv")
    assert [point.epoch for point in trained] == [0, 1, 2]
    weights = out / "weights.safetensors"

    table = succeed(evaluate, "--weights", weights, "--set", pictures / "val", "--format", "csv")
    (row,) = (row for row in csv.DictReader(io.StringIO(table)) if row["picture"] == "v")
    scored = row["srcnn_psnr_db"]
    assert float(scored) == pytest.approx(trained[-1].score.psnr_mean_db, abs=2e-3)

    shown = ["--image", picture, "--weights", weights, "--device", "cpu"]
    if recipe == "baseline":
        succeed(infer, *shown, "--out", tmp_path / "shown")
        assert len(contents(tmp_path / "shown")) == 3
    else:
        succeed(infer, *shown, "--upscale", 3, "--out", tmp_path / "v_x3.png")
        assert read_photo(tmp_path / "v_x3.png").pixels.shape == (150, 150, 3)

    for to in ("paddle", "onnx"):
        told = succeed(package_command, "export", weights, "--to", to, "--out", tmp_path / "exported")
        assert "outputs differ from this package's by at most" in told
