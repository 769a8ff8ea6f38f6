import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image, write_image

RGB = np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)
GREY = RGB[..., 0]


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif"])
@pytest.mark.parametrize("image", [RGB, GREY], ids=["rgb", "grey"])
def test_lossless_formats_read_back(tmp_path, suffix, image):
    path = tmp_path / "new folder" / f"a.{suffix}"
    write_image(path, image)
    np.testing.assert_array_equal(read_image(path), image)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_alpha_is_dropped(tmp_path):
    Image.fromarray(np.dstack([RGB, GREY])).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RGB)
    Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(RGB[..., 1])]).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_image(tmp_path / "b.png"), GREY)


def test_palette_is_resolved(tmp_path):
    indices = Image.fromarray(np.array([[0, 1], [2, 0]], np.uint8))
    indices.putpalette([10, 20, 30, 200, 100, 0, 0, 0, 255])
    indices.save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[[10, 20, 30], [200, 100, 0]], [[0, 0, 255], [10, 20, 30]]]


def test_one_bit_is_black_and_white(tmp_path):
    Image.fromarray(np.array([[True, False]])).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png").tolist() == [[255, 0]]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_of_grey_become_eight(tmp_path, suffix):
    """Full scale to full scale: divided by 257 = 65535 / 255, and rounded."""
    deep = np.array([[0, 128, 129, 257, 32768, 65535]], np.uint16)
    Image.fromarray(deep).save(tmp_path / f"a.{suffix}")
    assert read_image(tmp_path / f"a.{suffix}").tolist() == [[0, 0, 1, 1, 128, 255]]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_exif_orientation_is_applied(tmp_path, suffix):
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF 2.3: row 0 is the right-hand side, column 0 the top
    Image.fromarray(RGB).save(tmp_path / f"a.{suffix}", exif=exif)
    np.testing.assert_array_equal(read_image(tmp_path / f"a.{suffix}"), np.rot90(RGB, k=-1))


def test_text_named_like_a_image_is_named(tmp_path):
    (tmp_path / "a.bmp").write_text("no picture at all\n" * 100)
    with pytest.raises(UserError, match=r"a\.bmp is no picture of a kind that is read"):
        read_image(tmp_path / "a.bmp")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif"])
def test_truncated_images_are_named_wherever_they_end(tmp_path, suffix):
    """Cut after any number of bytes, a file is refused, or (trailer alone missing) read as if it were whole."""
    path, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    Image.fromarray(RGB).save(path)
    whole, content = read_image(path), path.read_bytes()
    refused = 0
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        try:
            np.testing.assert_array_equal(read_image(cut), whole)
        except UserError as error:
            refused += 1
            assert str(cut) in str(error)
            assert "\n" not in str(error)
    assert refused >= len(content) - 20  # a PNG ends with two checksums of 4 bytes and IEND of 12


@pytest.mark.parametrize(("value", "words"), [(-1, "signed values below 0"), (65536, "values of more than 16 bits")])
def test_more_than_sixteen_bits_are_refused(tmp_path, value, words):
    Image.fromarray(np.array([[0, value]], np.int32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=rf"a\.tif holds {words}: convert"):
        read_image(tmp_path / "a.tif")


def test_floating_point_is_refused(tmp_path):
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(UserError, match=r"a\.tif holds floating-point"):
        read_image(tmp_path / "a.tif")


def test_missing_image_and_folder_are_named(tmp_path):
    for path in (tmp_path / "none.png", tmp_path):
        with pytest.raises(UserError, match=f"{path} cannot be read"):
            read_image(path)


def test_failed_write_leaves_the_old_image(tmp_path):
    write_image(tmp_path / "a.png", RGB)
    with pytest.raises(TypeError):
        write_image(tmp_path / "a.png", np.zeros((3, 3, 7), np.uint8))  # no such image
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), RGB)
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_uncompressed_tiff_is_applied(tmp_path, orientation):
    """Pillow maps such files into memory, and turned them wrongly in version 13."""
    stored = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored).save(tmp_path / "a.tif", exif=exif)
    upright = stored.T if orientation >= 5 else stored
    upright = upright[:, ::-1] if orientation in (2, 3, 6, 7) else upright
    upright = upright[::-1] if orientation in (3, 4, 7, 8) else upright
    np.testing.assert_array_equal(read_image(tmp_path / "a.tif"), upright)


def test_image_too_large_to_be_read_safely_is_named(tmp_path, monkeypatch):
    write_image(tmp_path / "a.png", np.zeros((30, 30, 3), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UserError, match=r"a\.png is too large to be read safely"):
        read_image(tmp_path / "a.png")
