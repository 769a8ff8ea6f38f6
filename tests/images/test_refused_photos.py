"""Photos that cannot be read, and photos that a format cannot hold."""

import warnings

import numpy as np
import pytest
from photo_files import HEIGHT, ICC, WIDTH, exif_bytes, noise, replace_tag
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.photos import Photo, check_writable, read_photo, write_photo


def several(path):
    Image.fromarray(noise(8, 3)).save(path, save_all=True, append_images=[Image.fromarray(noise(8, 3)[::-1])])


def in_mode(mode, **options):
    return lambda path: Image.new(mode, (4, 4)).save(path, **options)


def without_width(path):
    write_photo(path, Photo(noise(16, 3)))
    replace_tag(path, 256, WIDTH, 0, kind=4)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.tif", in_mode("F"), "holds floating-point values: convert"),
        ("a.tif", in_mode("LAB"), "is in CIE Lab: convert it to RGB"),
        ("a.tif", in_mode("L", tiffinfo={254: 1}), "begins with a preview"),
        ("a.tif", without_width, "is damaged"),
        ("a.tif", several, "holds 2 pictures"),
        ("a.png", several, "is an animation of 2 pictures"),
        ("a.webp", several, "is an animation of 2 pictures"),
        ("a.gif", several, "is an animation of 2 pictures"),
        ("a.png", lambda path: path.write_bytes(b""), "is no picture of a kind that is read"),
        ("a.jpg", lambda path: path.write_text("no picture\n" * 50), "is no picture of a kind that is read"),
        ("none.png", lambda path: None, r"cannot be read \(No such file"),
        ("folder.png", lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, capfd, name, make, words):
    make(tmp_path / name)
    with pytest.raises(UserError, match=f"{name} .*({words})"):
        read_photo(tmp_path / name)
    assert capfd.readouterr() == ("", "")


def test_unreadable_file_is_named(tmp_path, monkeypatch):
    """Permissions do not stop root, so the system's answer is made up."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.png").touch()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(UserError, match=r"a\.png cannot be read \(Permission denied\)"):
        read_photo(tmp_path / "a.png")


def test_decompression_bomb_is_refused(tmp_path, monkeypatch):
    write_photo(tmp_path / "a.png", Photo(noise(8, 3)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", HEIGHT * WIDTH / 2 - 1)
    with pytest.raises(UserError, match=r"a\.png is too large to be read safely"):
        read_photo(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", HEIGHT * WIDTH - 1)  # where Pillow only warns
    with warnings.catch_warnings(record=True) as shown:
        read_photo(tmp_path / "a.png")
    assert shown == []


@pytest.mark.parametrize(
    ("suffix", "depth", "channels"),
    [("png", 8, 3), ("jpg", 8, 3), ("bmp", 8, 3), ("webp", 8, 3), ("tif", 8, 1), ("png", 16, 3), ("tif", 16, 3)],
)
def test_truncated_photos_are_named_wherever_they_end(tmp_path, capfd, suffix, depth, channels):
    """Cut anywhere, a file is refused, or (trailer alone missing) read as if it were whole."""
    path, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    write_photo(path, Photo(noise(depth, channels)))
    whole, content = read_photo(path).pixels, path.read_bytes()
    refused = 0
    lengths = [*range(0, len(content) - 30, 5), *range(len(content) - 30, len(content))]
    for length in lengths:
        cut.write_bytes(content[:length])
        try:
            np.testing.assert_array_equal(read_photo(cut).pixels, whole)
        except UserError as error:
            refused += 1
            assert str(cut) in str(error)
    assert refused >= len(lengths) - 20  # a PNG ends with two checksums of 4 bytes and IEND of 12
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif", "deep.png", "deep.tif"])
def test_damaged_photos_leave_no_traceback(tmp_path, capfd, suffix):
    path = tmp_path / f"a.{suffix}"
    write_photo(path, Photo(noise(16 if "deep" in suffix else 8, 3), ICC if suffix != "bmp" else None))
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    for _ in range(50):
        damaged = content.copy()
        for index in rng.integers(0, min(len(damaged), 200), 3):
            damaged[index] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            read_photo(path)
        except UserError as error:
            assert str(path) in str(error)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "depth", "channels", "scale", "words"),
    [
        ("a.jpg", 16, 3, 1, "JPEG cannot hold the picture's 16 bits"),
        ("a.webp", 16, 3, 1, "WEBP cannot hold the picture's 16 bits"),
        ("a.bmp", 16, 1, 1, "BMP cannot hold the picture's 16 bits"),
        ("a.jpeg", 8, 4, 1, "JPEG cannot hold the picture's transparency"),
        ("a.webp", 8, 3, 2000, "WEBP holds 16383 pixels a side"),
        ("a.JPG", 8, 3, 8000, "JPEG holds 65500 pixels a side"),
        ("a.tif", 16, 4, 5000, "TIFF holds 4 GiB"),
        ("a.gif", 8, 3, 1, "names no format to write: end it in .png"),
        ("a", 8, 3, 1, "names no format"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_beforehand(tmp_path, name, depth, channels, scale, words):
    photo = Photo(noise(depth, channels))
    with pytest.raises(UserError, match=words):
        check_writable(tmp_path / name, photo, scale=scale)
    if scale == 1:
        with pytest.raises(UserError, match=words):
            write_photo(tmp_path / name, photo)
    assert list(tmp_path.iterdir()) == []


def test_long_exif_is_refused_beforehand(tmp_path):
    with pytest.raises(UserError, match="long EXIF"):
        check_writable(tmp_path / "a.jpg", Photo(noise(8, 3), exif=b"Exif\0\0" + b"x" * 65536))


def test_failed_write_leaves_the_old_photo(tmp_path, monkeypatch):
    write_photo(tmp_path / "a.png", Photo(noise(16, 3)))

    def fail(file, *_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk, pytest.raises(UserError, match="No space left"):
        full_disk.setattr("paddle_srcnn.images.photos.write_png", fail)
        write_photo(tmp_path / "a.png", Photo(noise(16, 4)))
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").pixels, noise(16, 3))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_damaged_exif_takes_nothing_from_the_pixels(tmp_path, monkeypatch, suffix):
    pixels = np.full((10, 10, 3), 99, np.uint8)
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}", exif=exif_bytes(orientation=1)[:40])

    def fail(self, *arguments, **settings):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(Image.Exif, "get", fail)
    photo = read_photo(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(photo.pixels, pixels)
    assert photo.exif is None
    assert photo.notes == ("has damaged EXIF; it is dropped",)
