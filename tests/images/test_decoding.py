"""Safe decoding by both readers: of images to train on, and of photos to upscale."""

import contextlib
import logging
import os
import struct
import threading
import tracemalloc
import warnings

import cv2
import numpy as np
import pytest
from photo_samples import samples
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import image_size
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.photos import read_photo

RGB = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
PILLOW_LOGGERS = [logging.getLogger(name) for name in ("PIL", "PIL.PngImagePlugin", "PIL.TiffImagePlugin")]


@pytest.fixture(params=[read_image, lambda path: read_photo(path).pixels], ids=["read_image", "read_photo"])
def read(request):
    return request.param


def claim(path, width, height):
    """Write a BMP of a few bytes that claims to be larger."""
    Image.new("L", (4, 4)).save(path)
    content = bytearray(path.read_bytes())
    content[18:26] = struct.pack("<ii", width, height)
    path.write_bytes(content)


def test_limit_on_pixels(tmp_path, monkeypatch, read):
    """Pillow itself only warns between its limit and twice that."""
    Image.fromarray(RGB).save(tmp_path / "a.png")
    pixels = RGB.shape[0] * RGB.shape[1]
    monkeypatch.setenv("SRCNN_MAX_PIXELS", str(pixels - 1))
    with pytest.raises(UserError, match=rf"a\.png is too large .*limit is {pixels - 1}.*SRCNN_MAX_PIXELS"):
        read(tmp_path / "a.png")
    monkeypatch.setenv("SRCNN_MAX_PIXELS", str(pixels))
    np.testing.assert_array_equal(read(tmp_path / "a.png"), RGB)
    for value in ("0", "-1", "many", "1e9"):
        monkeypatch.setenv("SRCNN_MAX_PIXELS", value)
        with pytest.raises(UserError, match=f"SRCNN_MAX_PIXELS={value} is no number"):
            read(tmp_path / "a.png")


@pytest.mark.parametrize(("width", "named"), [(13_378, True), (13_376, False)])
def test_limit_that_nobody_set(tmp_path, monkeypatch, read, width, named):
    """A file of a hundred bytes that claims 179 million pixels."""
    monkeypatch.delenv("SRCNN_MAX_PIXELS", raising=False)
    claim(tmp_path / "a.bmp", width, 13_378)
    with pytest.raises(UserError, match=r"a\.bmp") as caught:
        read(tmp_path / "a.bmp")
    assert ("SRCNN_MAX_PIXELS" in str(caught.value)) == named
    monkeypatch.setenv("SRCNN_MAX_PIXELS", "1000000000")
    with pytest.raises(UserError, match=r"a\.bmp (cannot be read|is damaged)"):
        read(tmp_path / "a.bmp")


@pytest.mark.parametrize("suffix", ["png", "bmp", "jpg"])
def test_other_formats_are_not_tried(tmp_path, monkeypatch, read, suffix):
    """Pillow starts another program for EPS, whatever the name of the file."""
    monkeypatch.setattr("subprocess.check_call", None)
    Image.fromarray(RGB).save(tmp_path / "a.eps")
    (tmp_path / "a.eps").rename(tmp_path / f"a.{suffix}")
    with pytest.raises(UserError, match=rf"a\.{suffix} is a PostScript document, which is not read"):
        read(tmp_path / f"a.{suffix}")


@pytest.mark.parametrize("compression", ["tiff_adobe_deflate", "group4", "jpeg"])
def test_libtiff_does_not_speak_to_the_terminal(tmp_path, capfd, read, compression):
    image = Image.fromarray(RGB).convert("1" if compression == "group4" else "RGB").resize((64, 64))
    image.save(tmp_path / "a.tif", compression=compression)
    content = bytearray((tmp_path / "a.tif").read_bytes())
    with Image.open(tmp_path / "a.tif") as file:
        start = file.tag_v2[273][0]
    content[start + 4 : start + 24] = b"\xff\xd8" * 10
    (tmp_path / "a.tif").write_bytes(content)
    with contextlib.suppress(UserError):
        read(tmp_path / "a.tif")
    os.write(2, b"heard again")
    assert capfd.readouterr() == ("", "heard again")


def test_damaged_exif_takes_nothing_from_the_pixels(tmp_path, read):
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x07\xff\xff\xff\xff\0\0"
    Image.fromarray(RGB).save(tmp_path / "a.png", exif=exif)
    np.testing.assert_array_equal(read(tmp_path / "a.png"), RGB)


def test_lengths_of_chunks_are_not_believed(tmp_path, read):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content.replace(b"\0\0\0\0IEND", b"\xff\xff\xff\xffIDAT"))
    tracemalloc.start()
    with contextlib.suppress(UserError):
        read(tmp_path / "a.png")
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()


def test_named_pipe_is_not_waited_for(tmp_path, read):
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"a\.png cannot be read \(it is no regular file\)"):
        read(tmp_path / "a.png")


def test_link_to_itself_is_named(tmp_path, read):
    (tmp_path / "a.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(UserError, match=r"a\.png cannot be read \(Too many levels"):
        read(tmp_path / "a.png")


def process_settings():
    opencv = getattr(cv2.utils, "logging", cv2)
    loggers = [(logger.handlers[:], logger.filters[:], logger.level, logger.disabled) for logger in PILLOW_LOGGERS]
    return Image.MAX_IMAGE_PIXELS, warnings.filters[:], opencv.getLogLevel(), loggers


@pytest.mark.parametrize("limit", ["100", "1000000000"])
def test_process_settings_are_left_as_found(tmp_path, monkeypatch, limit):
    """Threads that decode at once restore the settings of the program, not those of each other."""
    monkeypatch.setenv("SRCNN_MAX_PIXELS", limit)
    Image.fromarray(RGB).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:80])
    before, read = process_settings(), []

    def decode():
        for _ in range(20):
            read.append(read_image(tmp_path / "a.png"))
            with contextlib.suppress(UserError):
                read_photo(tmp_path / "b.png")

    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert process_settings() == before
    assert len(read) == 80


def test_limit_of_the_program_itself_is_obeyed_and_restored(tmp_path, monkeypatch):
    Image.fromarray(RGB).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    with pytest.raises(UserError, match=r"a\.png is too large to be read safely"):
        read_image(tmp_path / "a.png")
    monkeypatch.setenv("SRCNN_MAX_PIXELS", "1000000000")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RGB)
    assert Image.MAX_IMAGE_PIXELS == 20


def test_logs_of_pillow_reach_the_program_but_not_the_terminal(tmp_path, caplog, capsys):
    image = Image.fromarray(RGB)
    with caplog.at_level("DEBUG", logger="PIL"):
        image.save(tmp_path / "a.tif")
        read_image(tmp_path / "a.tif")
    assert any(record.name.startswith("PIL") for record in caplog.records)
    assert capsys.readouterr().err == ""


def test_sizes_are_told_without_decoding(tmp_path, monkeypatch):
    """Those of some TIFFs and of HEIC are not; nothing is raised for files that no reader takes."""
    told, made = {}, samples()
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", None)
    for sample in made:
        (tmp_path / sample.name).write_bytes(sample.content)
        told[sample.name] = image_size(tmp_path / sample.name)
        if sample.pixels is not None and told[sample.name] is not None:
            assert sorted(told[sample.name]) == sorted(sample.pixels.shape[:2]), sample.name
    unknown = [sample.name for sample in made if sample.pixels is not None and told[sample.name] is None]
    assert [name for name in unknown if not name.endswith((".tif", ".tiff", ".heic"))] == []
    assert image_size(tmp_path / "nothing.png") is None
    assert image_size(tmp_path) is None
    claim(tmp_path / "a.bmp", 50_000, 50_000)
    assert image_size(tmp_path / "a.bmp") is None
