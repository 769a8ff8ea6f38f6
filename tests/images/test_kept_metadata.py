"""Metadata of samples in every format that is written, around pixels of another size."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from exif_entries import block_entries, comparable
from photo_containers import GREY_ICC
from photo_samples import samples
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.exif import exif_dpi
from paddle_srcnn.images.photos import Photo, check_writable, losses, read_photo, write_photo

SAMPLES = {sample.name: sample for sample in samples()}
TARGETS = ("png", "tif", "jpg", "webp", "bmp")
CASES = [
    pytest.param(name, target, id=f"{name}-{target}")
    for name, sample in SAMPLES.items()
    for target in TARGETS
    if sample.kept and sample.pixels is not None
    if target in ("png", "tif") or sample.pixels.dtype == np.uint8
    if target != "jpg" or sample.pixels.ndim == 2 or sample.pixels.shape[2] == 3
]


def enlarged(tmp_path, name, target):
    """Read a sample, and write it with twice the rows and columns."""
    (tmp_path / name).write_bytes(SAMPLES[name].content)
    photo = read_photo(tmp_path / name)
    photo = replace(photo, pixels=photo.pixels.repeat(2, axis=0).repeat(2, axis=1))
    path = tmp_path / f"result.{target}"
    write_photo(path, photo)
    return photo, path


@pytest.mark.parametrize(("name", "target"), CASES)
def test_metadata_stays(tmp_path, name, target):
    kept = SAMPLES[name].kept
    photo, path = enlarged(tmp_path, name, target)
    back = read_photo(path)
    if target in ("png", "tif", "bmp") and not (target == "bmp" and photo.pixels.shape[2:] == (2,)):
        np.testing.assert_array_equal(back.pixels, photo.pixels)
    if "exif" in kept and target != "bmp":
        source = kept["exif"]
        made = path.read_bytes() if target == "tif" else back.exif
        assert comparable(made, source) == comparable(source, source)
    if "icc" in kept and target != "bmp":
        grey_in_webp = target == "webp" and kept["icc"] == GREY_ICC
        assert back.icc_profile == (None if grey_in_webp else kept["icc"])
    if "dpi" in kept and not (target == "webp" and kept["dpi"]):
        assert (back.dpi is None) == (kept["dpi"] is None)
        assert back.dpi is None or back.dpi == pytest.approx(kept["dpi"], abs=0.51)
    if target == "webp" and kept.get("dpi"):
        assert exif_dpi(back.exif) == pytest.approx(kept["dpi"], abs=0.01)
    if "png" in kept and target == "png":
        assert dict(back.colour_chunks) == kept["png"]
    content = path.read_bytes()
    assert "no description" not in kept or kept["no description"] not in content
    assert "text" not in kept or target == "bmp" or kept["text"] in content
    assert b"sBIT" not in content


@pytest.mark.parametrize("target", ["tif", "jpg", "webp"])
def test_gamma_becomes_a_profile_where_there_is_no_gamma(tmp_path, target):
    photo, path = enlarged(tmp_path, "chromaticities-8.png", target)
    back = read_photo(path)
    assert back.icc_profile[16:20] == b"RGB "
    assert len(back.icc_profile) < 2000
    assert photo.icc_profile is None
    for name in ("srgb-8.png", "cicp-8.png"):
        assert read_photo(enlarged(tmp_path, name, target)[1]).icc_profile is None


def test_losses_are_said(tmp_path):
    hdr = Photo(np.zeros((2, 2, 3), np.uint8), colour_chunks={b"cICP": bytes([9, 16, 0, 1])})
    grey = Photo(np.zeros((2, 2), np.uint8), GREY_ICC)
    assert losses(tmp_path / "a.png", hdr) == losses(tmp_path / "a.jpg", grey) == []
    assert "cICP" in losses(tmp_path / "a.jpg", hdr)[0]
    assert "WebP holds grey as RGB" in losses(tmp_path / "a.webp", grey)[0]
    assert "BMP cannot hold" in losses(tmp_path / "a.bmp", grey)[0]
    assert losses(tmp_path / "a.tif", replace(hdr, colour_chunks={b"cICP": bytes([1, 13, 0, 1])})) == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("opaque") and "-8" in name])
@pytest.mark.parametrize("target", ["jpg", "bmp"])
def test_alpha_that_is_opaque_everywhere_is_left_out(tmp_path, name, target):
    photo, path = enlarged(tmp_path, name, target)
    back = read_photo(path).pixels
    expected = photo.pixels[..., 0] if photo.pixels.shape[2] == 2 else photo.pixels[..., :3]
    assert back.shape == expected.shape
    if target == "bmp":
        np.testing.assert_array_equal(back, expected)


@pytest.mark.parametrize("channels", [2, 4])
def test_bmp_holds_alpha(tmp_path, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
    write_photo(tmp_path / "a.bmp", Photo(pixels, dpi=(300, 150)))
    back = read_photo(tmp_path / "a.bmp")
    np.testing.assert_array_equal(back.pixels, pixels[..., [0, 0, 0, 1]] if channels == 2 else pixels)
    assert back.dpi == pytest.approx((300, 150), abs=0.02)
    with pytest.raises(UserError, match="transparency"):
        check_writable(tmp_path / "a.jpg", Photo(pixels))


@pytest.mark.parametrize("target", ["png", "jpg", "bmp", "tif"])
def test_resolution_of_exif_alone_reaches_every_format(tmp_path, target):
    photo, path = enlarged(tmp_path, "exif-le-8.png", target)
    assert photo.dpi is None
    assert read_photo(path).dpi == pytest.approx((300, 300), abs=0.02)


@pytest.mark.parametrize("order", ["le", "be"])
def test_sizes_and_thumbnail_follow_the_pixels(tmp_path, order):
    _, path = enlarged(tmp_path, f"exif-{order}.jpg", "png")
    exif = read_photo(path).exif
    entries = block_entries(exif)
    form = "<>"[order == "be"]
    assert struct.unpack(form + "H", entries["exif", 0xA002][2]) == (52,)
    assert struct.unpack(form + "I", entries["exif", 0xA003][2]) == (36,)
    assert b"a small picture" not in exif
    with Image.open(path) as file:  # another reader understands it
        assert file.getexif().get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"


@pytest.mark.parametrize("orientation", [3, 6])
def test_orientation_is_applied_once(tmp_path, orientation):
    photo, path = enlarged(tmp_path, f"exif-le-turned{orientation}.png", "png")
    assert block_entries(photo.exif)["first", 274][2] == b"\1\0"
    np.testing.assert_array_equal(read_photo(path).pixels, photo.pixels)
