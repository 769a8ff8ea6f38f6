"""The committed results hold when measured by a program that knows only the tensors and the protocol."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from paddle_srcnn.images.resize import imresize

ROOT = Path(__file__).resolve().parents[2]
PRETRAINED = ROOT / "paddle_srcnn" / "pretrained"
SUMMARIES = [
    path
    for weights in sorted(PRETRAINED.glob("*.safetensors"))
    if (path := ROOT / "experiments" / "results" / weights.stem / "summary.json").exists()
]


def summaries_of(protocol):
    return [path for path in SUMMARIES if json.loads(path.read_text(encoding="utf-8"))["protocol"] == protocol]


def restored(tensors, planes, *, replicate=False):
    """Correlate and rectify layer by layer, in float64; borders are repeated, or what touches one is cut off."""
    planes = [plane.astype(np.float64) for plane in planes]
    layers = len(tensors) // 2
    for layer in range(1, layers + 1):
        weight, bias = tensors[f"conv{layer}.weight"].astype(np.float64), tensors[f"conv{layer}.bias"]
        margin = weight.shape[-1] // 2
        inside = slice(None) if replicate else slice(margin, -margin or None)
        if margin == 0:
            sums = np.tensordot(weight[..., 0, 0], planes, axes=1)
        else:
            sums = [
                sum(
                    cv2.filter2D(plane, cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE)[inside, inside]
                    for plane, kernel in zip(planes, kernels, strict=True)
                )
                for kernels in weight
            ]
        planes = [plane + shift for plane, shift in zip(sums, bias, strict=True)]
        if layer < layers:
            planes = [np.maximum(plane, 0) for plane in planes]
    return planes


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a - b) ** 2))


def planes_of(bgr, channels):
    """Luma and what the network sees: Y alone, or R, G and B."""
    luma = cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb)[..., 0]
    return luma, [luma] if channels == 1 else [bgr[..., 2], bgr[..., 1], bgr[..., 0]]


def matlab_luma(bgr):
    """``rgb2ycbcr`` of MATLAB: Y on 16..235, rounded."""
    return np.floor(bgr @ [24.966 / 255, 128.553 / 255, 65.481 / 255] + 16.5)


def small_luma(bgr, scale, defect, earlier):
    """Luma of the downscaled picture; damaged at the middle strength if it has a defect, as its recipe says.

    `earlier` has the sizes of the set's pictures before this one, which draw from the same generator.
    """
    if defect is None:
        return imresize(matlab_luma(bgr), 1 / scale)
    small = np.floor(np.clip([imresize(bgr[..., n], 1 / scale) for n in (2, 1, 0)], 0, 255) + 0.5).astype(np.uint8)
    rgb, middle = np.moveaxis(small, 0, -1), len(defect["strengths"]) // 2
    if defect["name"] == "jpeg":
        file = io.BytesIO()
        Image.fromarray(rgb).save(file, "JPEG", quality=defect["strengths"][middle])
        rgb = np.asarray(Image.open(file))
    else:
        rng = np.random.default_rng(0)
        shapes = [(height // scale, width // scale, 3) for height, width in earlier]
        draws = [rng.normal(0, sigma, shape) for shape in (*shapes, rgb.shape) for sigma in defect["strengths"]]
        rgb = np.floor(np.clip(rgb + draws[middle - len(defect["strengths"])], 0, 255) + 0.5)
    return matlab_luma(rgb[..., ::-1].astype(np.float64))


def shuffled(planes, scale):
    """ESPCN's last step: each of scale x scale planes has one pixel of every block."""
    enlarged = np.empty([scale * length for length in planes[0].shape])
    for number, plane in enumerate(planes):
        enlarged[number // scale :: scale, number % scale :: scale] = plane
    return [enlarged]


@pytest.mark.parametrize("path", summaries_of("article"), ids=lambda path: path.parent.name)
def test_weights_give_the_summary_again(path, dataset_folder):
    summary = json.loads(path.read_text(encoding="utf-8"))
    tensors = load_file(PRETRAINED / f"{summary['recipe']}.safetensors")
    channels = tensors["conv1.weight"].shape[1]
    folder = dataset_folder(summary["data"]["validation"]["name"])
    errors = {}
    for name, expected in summary["final"]["psnr_db"].items():
        luma, hrs = planes_of(cv2.imread(str(folder / f"{name}_GT.bmp")), channels)
        inputs = [cv2.GaussianBlur(hr, (5, 5), 0) for hr in hrs]
        srs = restored(tensors, inputs)
        margin = (len(luma) - len(srs[0])) // 2
        inside = (slice(margin, -margin), slice(margin, -margin))
        given = [plane[inside].astype(float) for plane in inputs]
        if channels == 3:
            given, sr = (np.tensordot([0.299, 0.587, 0.114], planes, axes=1) for planes in (given, srs))
            assert psnr(np.array(srs), np.array(hrs)[(slice(None), *inside)]) == pytest.approx(
                summary["final"]["rgb"]["psnr_db"][name], abs=1e-3
            )
        else:
            (given,), (sr,) = given, srs
        assert psnr(given, luma[inside]) == pytest.approx(summary["input"]["psnr_db"][name], abs=1e-3)
        assert psnr(sr, luma[inside]) == pytest.approx(expected, abs=1e-3)
        errors[name] = np.mean((sr - luma[inside]) ** 2)
    pooled = 10 * np.log10(255**2 / np.mean(list(errors.values())))
    assert pooled == pytest.approx(summary["final"]["psnr_pooled_db"], abs=1e-3)


@pytest.mark.parametrize("path", summaries_of("paper"), ids=lambda path: path.parent.name)
def test_super_resolution_weights_give_the_summary_again(path, dataset_folder):
    """On the smallest picture of Set5, which is enough to tell: the others take a minute."""
    summary = json.loads(path.read_text(encoding="utf-8"))
    tensors, scale = load_file(PRETRAINED / f"{summary['recipe']}.safetensors"), summary["settings"]["scale"]
    settings, folder = summary["settings"], dataset_folder("Set5")
    bgr = cv2.imread(str(folder / "butterfly_GT.bmp")).astype(np.float64)
    bgr = bgr[: -(256 % scale) or None, : -(256 % scale) or None]
    if settings["architecture"]["channels"] == 3:
        small = [imresize(bgr[..., n], 1 / scale) for n in (2, 1, 0)]
    else:
        earlier = [cv2.imread(str(folder / f"{name}_GT.bmp")).shape[:2] for name in ("baby", "bird")]
        small = [small_luma(bgr, scale, settings.get("defect"), earlier)]
    upsampled, espcn = [imresize(plane, scale) for plane in small], "network" in settings["architecture"]
    srs = restored(tensors, [planes / 255 for planes in (small if espcn else upsampled)], replicate=True)
    srs = shuffled(srs, scale) if espcn else srs
    inside = (slice(scale, -scale), slice(scale, -scale))
    for planes, expected in ((upsampled, summary["input"]), (255 * np.array(srs), summary["final"])):
        pixels = np.floor(np.clip(planes, 0, 255) + 0.5)
        luma = pixels[0] if len(pixels) == 1 else matlab_luma(np.moveaxis(pixels[::-1], 0, -1))
        found = psnr(luma[inside], matlab_luma(bgr)[inside])
        assert found == pytest.approx(expected["psnr_db"]["butterfly"], abs=1e-3)


@pytest.mark.parametrize("path", summaries_of("paper"), ids=lambda path: path.parent.name)
def test_scores_are_those_of_the_summary(path):
    summary = json.loads(path.read_text(encoding="utf-8"))
    rows = json.loads(path.with_name("Set5.json").read_text(encoding="utf-8"))["rows"]
    if "defect" not in summary["settings"]:  # these are scored on clean inputs too, and their summaries are not
        assert rows[-1]["srcnn_psnr_db"] == pytest.approx(summary["final"]["psnr_mean_db"], abs=1e-3)
    assert path.with_name("Set14.json").exists()
    assert (PRETRAINED / f"{summary['recipe']}.safetensors").stat().st_size <= 300_000


@pytest.mark.parametrize(
    ("name", "set5_db", "set14_db"),
    [  # Dong et al. 2016, trained on ImageNet: sections 4.3.1 and 4.3.2, tables 2 and 3
        ("sr_9-1-5_x3", 32.52, None),
        ("sr_9-3-5_x3", 32.66, None),
        ("sr_9-5-5_x2", 36.66, 32.45),
        ("sr_9-5-5_x3", 32.75, 29.30),
        ("sr_9-5-5_x4", 30.49, 27.50),
    ],
)
def test_networks_for_super_resolution_are_above_the_papers(name, set5_db, set14_db):
    for test_set, published_db in (("Set5", set5_db), ("Set14", set14_db)):
        content = json.loads((ROOT / "experiments/results" / name / f"{test_set}.json").read_text(encoding="utf-8"))
        if published_db is not None:
            assert content["rows"][-1]["srcnn_psnr_db"] >= published_db


def test_baseline_is_the_articles_full_run():
    """Reference: 37.20 dB mean and 36.45 pooled, one seed of an independent implementation."""
    summary = json.loads((ROOT / "experiments/results/baseline/summary.json").read_text(encoding="utf-8"))
    assert (summary["epochs"], summary["backprops"]) == (150, 150 * 21_910)
    assert summary["final"]["psnr_mean_db"] >= 37.0
    assert summary["final"]["psnr_pooled_db"] >= 36.2
    given = [round(value, 2) for value in summary["input"]["psnr_db"].values()]
    assert given == [34.59, 33.81, 24.91, 33.00, 29.61]
