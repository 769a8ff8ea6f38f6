"""One decoder for all paths: each sample gives the same pixels on each, or the same true refusal."""

import re
import sys

import numpy as np
import pytest
from photo_sample import Sample
from photo_samples import samples

from paddle_srcnn.apps import batch, demo
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import READ
from paddle_srcnn.protocols import validation
from paddle_srcnn.reader import grid_patches, random_patches

PATHS = {
    "upscaling": batch.read_photo,
    "demonstration": demo.read_image,
    "training": grid_patches.read_image,
    "evaluation": validation.read_image,
}
SAMPLES = {sample.name: sample for sample in samples()}


def test_every_row_has_samples_and_every_name_is_used_once():
    assert len(SAMPLES) == len(samples()) > 330
    assert random_patches.read_image is grid_patches.read_image


def eight_bits(pixels):
    """Reduce the pixels of a photo to what training and scoring take."""
    alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    colours = pixels[..., :-1] if alpha else pixels
    colours = colours[..., 0] if colours.ndim == 3 and colours.shape[2] == 1 else colours
    return np.rint(colours / 257).astype(np.uint8) if pixels.dtype == np.uint16 else colours


def outcome(path, file):
    """Pixels or message of a file on a path."""
    try:
        read = PATHS[path](file)
    except UserError as error:
        assert str(error).startswith(f"{file} ")
        return str(error).removeprefix(f"{file} ")
    return read.pixels if path == "upscaling" else read


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", SAMPLES)
def test_pixels_or_refusal(tmp_path, capfd, name, path):
    sample: Sample = SAMPLES[name]
    (tmp_path / name).write_bytes(sample.content)
    found = outcome(path, tmp_path / name)
    if isinstance(found, str):
        assert sample.refusal
        assert re.search(sample.refusal, found), found
    else:
        assert sample.pixels is not None, "it has to be refused"
        reduced = path != "upscaling"
        expected = eight_bits(sample.pixels) if reduced else sample.pixels
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        tolerance = sample.tolerance / 257 if reduced and sample.pixels.dtype == np.uint16 else sample.tolerance
        assert np.abs(found.astype(int) - expected).max() <= np.ceil(tolerance)
        assert found.flags.c_contiguous
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_all_paths_agree(tmp_path, name):
    (tmp_path / name).write_bytes(SAMPLES[name].content)
    first, *others = (outcome(path, tmp_path / name) for path in PATHS)
    for other in others:
        if isinstance(first, str):
            assert other == first
        else:
            np.testing.assert_array_equal(other, eight_bits(first))


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_is_said_of_damage_alone(tmp_path, name):
    """Rows that are whole files of a kind are read, or refused as that kind."""
    sample = SAMPLES[name]
    (tmp_path / name).write_bytes(sample.content)
    found = outcome("upscaling", tmp_path / name)
    if isinstance(found, str) and sample.row not in ("hostile", "png") and "ring" not in name:
        assert "damaged" not in found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"8BPS\0\1" + bytes(40), "is a Photoshop document, which is not read: save it as PNG"),
        (b"%PDF-1.7" + bytes(40), "is a PDF document"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "is JPEG XL"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "is JPEG 2000"),
        (b"\0\0\0\x18ftypcrx " + bytes(40), "is a camera's raw file"),
        (b"words" * 20, f"is no picture of a kind that is read \\({READ}\\)"),
        (b"", "is no picture of a kind that is read"),
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_other_kinds_are_named(tmp_path, path, content, words):
    (tmp_path / "a.png").write_bytes(content)
    assert re.match(words, outcome(path, tmp_path / "a.png"))


@pytest.mark.parametrize("path", PATHS)
def test_heic_without_its_extra_is_refused_by_name(tmp_path, monkeypatch, path):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    assert re.match(r"is HEIC: pip install 'paddle-srcnn\[heic\]'", outcome(path, tmp_path / "a.heic"))


@pytest.mark.parametrize("name", ["cmyk-plain.tif", "cmyk-profile.jpg"])
@pytest.mark.parametrize("path", ["demonstration", "training", "evaluation"])
def test_conversion_from_cmyk_is_said(tmp_path, caplog, path, name):
    (tmp_path / name).write_bytes(SAMPLES[name].content)
    outcome(path, tmp_path / name)
    profile = "a standard profile" if "plain" in name else "its profile"
    assert caplog.messages == [f"{tmp_path / name} is in CMYK, converted to RGB through {profile}"]
