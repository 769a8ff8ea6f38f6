"""The quality of a JPEG, as its quantisation tables tell it."""

import io

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin
from skimage import data as photographs

from paddle_srcnn.images.jpeg_quality import estimated_quality
from paddle_srcnn.images.photos import Photo, read_photo, write_photo


def saved(pixels, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return stream


def tables_of(stream):
    with Image.open(stream) as file:
        return file.quantization


@pytest.mark.parametrize("quality", range(1, 101))
def test_quality_of_libjpeg_is_exact(quality):
    table = tables_of(saved(np.zeros((8, 8), np.uint8), quality=quality))[0]
    assert estimated_quality(table) == quality


@pytest.mark.parametrize("name", sorted(JpegImagePlugin.presets))
def test_photoshops_tables_lose_as_much_as_the_estimated_quality(name):
    """Pillow's presets are the tables of Photoshop."""
    photograph = photographs.camera()
    table = JpegImagePlugin.presets[name]["quantization"][0]
    quality = estimated_quality(table)
    errors = [
        np.square(np.asarray(Image.open(stream), float) - photograph).mean()
        for stream in (saved(photograph, qtables=[list(table)] * 2), saved(photograph, quality=quality))
    ]
    assert abs(10 * np.log10(errors[0] / errors[1])) < 2


def test_tables_that_are_none_have_no_quality():
    assert estimated_quality(None) is None
    assert estimated_quality([1] * 63) is None
    assert estimated_quality([0] * 64) == 100
    assert estimated_quality([65535] * 64) == 1


@pytest.mark.parametrize(
    ("suffix", "pixels", "quality"),
    [
        ("jpg", (40, 30), 71),
        ("jpg", (40, 30, 3), 72),
        ("jfif", (40, 30, 3), 73),
        ("png", (40, 30, 3), None),
        ("webp", (40, 30, 3), None),
        ("tif", (40, 30, 3), None),
        ("bmp", (40, 30, 3), None),
    ],
)
def test_photos_know_the_quality_of_their_jpeg(tmp_path, suffix, pixels, quality):
    path = tmp_path / f"a.{suffix}"
    write_photo(path, Photo(np.zeros(pixels, np.uint8)), quality=quality or 95)
    assert read_photo(path).jpeg_quality == quality


def test_content_tells_the_quality_and_not_the_name(tmp_path):
    (tmp_path / "a.png").write_bytes(saved(np.zeros((8, 8, 3), np.uint8), quality=40).getvalue())
    assert read_photo(tmp_path / "a.png").jpeg_quality == 40


def test_first_photo_of_several_and_cmyk_have_a_quality(tmp_path):
    first, second = (Image.new("RGB", (16, 16), colour) for colour in ("red", "blue"))
    first.save(tmp_path / "a.mpo", save_all=True, append_images=[second], quality=55)
    assert read_photo(tmp_path / "a.mpo").jpeg_quality == 55
    Image.new("CMYK", (16, 16)).save(tmp_path / "cmyk.jpg", quality=65)
    assert read_photo(tmp_path / "cmyk.jpg").jpeg_quality == 65


def test_jpeg_inside_tiff_does_not_count(tmp_path):
    Image.new("RGB", (16, 16)).save(tmp_path / "a.tif", compression="jpeg", quality=50)
    assert read_photo(tmp_path / "a.tif").jpeg_quality is None
