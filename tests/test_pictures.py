import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms

from paddle_srcnn.errors import UserError
from paddle_srcnn.pictures import Picture, check_writable, read_picture, write_picture

HEIGHT, WIDTH = 9, 7
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
THUMBNAIL = b"\xff\xd8 a small picture \xff\xd9"
# What a viewer does for each orientation of EXIF 2.3, given where it says that row 0 and column 0 are.
UPRIGHT = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: np.fliplr(np.rot90(stored, -1)),  # row 0 left, column 0 top
    6: lambda stored: np.rot90(stored, -1),  # right, top
    7: lambda stored: np.fliplr(np.rot90(stored, 1)),  # right, bottom
    8: lambda stored: np.rot90(stored, 1),  # left, bottom
}


def noise(depth, channels):
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    return np.random.default_rng(channels).integers(0, 2**depth, shape).astype(f"u{depth // 8}")


def exif_bytes(orientation=None):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif[ExifTags.Base.Copyright] = "Someone"
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "2020:01:02 03:04:05",
        ExifTags.Base.ExifImageWidth: WIDTH,
        ExifTags.Base.ExifImageHeight: HEIGHT,
        ExifTags.Base.MakerNote: b"a maker's own " + THUMBNAIL,
    }
    exif[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N"}
    return exif.tobytes()


def assert_exif_kept(picture):
    exif = Image.Exif()
    exif.load(picture.exif)
    assert dict(exif.get_ifd(ExifTags.IFD.Exif)) == {ExifTags.Base.DateTimeOriginal: "2020:01:02 03:04:05"}
    assert dict(exif.get_ifd(ExifTags.IFD.GPSInfo)) == {ExifTags.GPS.GPSLatitudeRef: "N"}
    described = {tag: value for tag, value in exif.items() if tag not in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)}
    assert described == {ExifTags.Base.Make: "Maker", ExifTags.Base.Copyright: "Someone"}


def write_png(path, pixels, depth, colour_type, transparency):
    """A PNG with a transparent colour; rows of `pixels` are as the file holds them."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", WIDTH, len(pixels), depth, colour_type, 0, 0, 0))]
    chunks += [(b"tRNS", transparency), (b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels)))]
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in [*chunks, (b"IEND", b"")]:
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(content)


def replace_tag(path, tag, old, new, kind=3):
    """Give a tag of a little-endian TIFF another value; kind 3 is a short, 4 a long."""
    before, after = (struct.pack("<HHII", tag, kind, 1, value) for value in (old, new))
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))


LOSSLESS = [(depth, channels, suffix) for depth in (8, 16) for channels in (1, 2, 3, 4) for suffix in ("png", "tif")]
LOSSLESS.remove((16, 2, "tif"))
LOSSLESS += [(8, 1, "bmp"), (8, 3, "bmp")]


@pytest.mark.parametrize(("depth", "channels", "suffix"), LOSSLESS)
def test_lossless_formats_give_back_every_pixel(tmp_path, depth, channels, suffix):
    path, pixels = tmp_path / "new folder" / f"a.{suffix}", noise(depth, channels)
    write_picture(path, Picture(pixels))
    back = read_picture(path)
    assert back.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(back.pixels, pixels)
    assert (back.icc_profile, back.exif) == (None, None)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("depth", "channels", "suffix"), [row for row in LOSSLESS if row[2] != "bmp"])
def test_lossless_formats_keep_profile_and_exif(tmp_path, depth, channels, suffix):
    path, pixels = tmp_path / f"a.{suffix}", noise(depth, channels)
    Image.fromarray(noise(8, 3)).save(tmp_path / "source.jpg", icc_profile=ICC, exif=exif_bytes())
    source = read_picture(tmp_path / "source.jpg")
    write_picture(path, Picture(pixels, source.icc_profile, source.exif))
    back = read_picture(path)
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.icc_profile == ICC
    assert_exif_kept(back)


@pytest.mark.parametrize(("suffix", "channels"), [("jpg", 1), ("jpg", 3), ("webp", 3), ("webp", 4)])
def test_lossy_formats_keep_shape_profile_and_exif(tmp_path, suffix, channels):
    ramp = np.linspace(0, 255, 64).round().astype(np.uint8)
    pixels = np.dstack([np.tile(ramp, (48, 1)), np.tile(ramp[::-1], (48, 1)), *[np.tile(ramp[:48, None], 64)] * 2])
    pixels = pixels[..., 0] if channels == 1 else pixels[..., :channels]
    Image.fromarray(pixels).save(tmp_path / "source.png", icc_profile=ICC, exif=exif_bytes())
    source = read_picture(tmp_path / "source.png")
    sizes = {}
    for quality in (50, 95):
        write_picture(tmp_path / f"a.{suffix}", source, quality=quality)
        back = read_picture(tmp_path / f"a.{suffix}")
        sizes[quality] = (tmp_path / f"a.{suffix}").stat().st_size
    assert back.pixels.shape == pixels.shape
    assert np.abs(back.pixels.astype(int) - pixels).max() <= 12
    assert back.icc_profile == ICC
    assert_exif_kept(back)
    assert sizes[50] < sizes[95]


def test_webp_holds_grey_with_alpha_as_rgba(tmp_path):
    write_picture(tmp_path / "a.webp", Picture(np.full((8, 8, 2), 128, np.uint8)))
    assert read_picture(tmp_path / "a.webp").pixels.shape == (8, 8, 4)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("depth", "channels", "suffix"), [row for row in LOSSLESS if row[2] != "bmp"])
def test_orientation_is_applied_and_forgotten(tmp_path, orientation, depth, channels, suffix):
    path, stored = tmp_path / f"a.{suffix}", noise(depth, channels)
    write_picture(path, Picture(stored, None, exif_bytes(orientation)))
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, UPRIGHT[orientation](stored))
    assert picture.pixels.flags.c_contiguous
    assert_exif_kept(picture)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_orientation_of_lossy_formats_is_applied(tmp_path, suffix):
    Image.fromarray(noise(8, 3)).save(tmp_path / f"a.{suffix}", exif=exif_bytes(6))
    assert read_picture(tmp_path / f"a.{suffix}").pixels.shape == (WIDTH, HEIGHT, 3)


def test_thumbnail_does_not_survive(tmp_path):
    """IFD1, where EXIF holds it, goes with all that points into the old file."""
    tiff = exif_bytes()[6:]
    first = struct.unpack(">I", tiff[4:8])[0]
    link = first + 2 + 12 * struct.unpack(">H", tiff[first : first + 2])[0]
    start = len(tiff) + 2 + 2 * 12 + 4
    entries = struct.pack(">HHII", 0x201, 4, 1, start) + struct.pack(">HHII", 0x202, 4, 1, len(THUMBNAIL))
    tiff = tiff[:link] + struct.pack(">I", len(tiff)) + tiff[link + 4 :]
    tiff += struct.pack(">H", 2) + entries + b"\0\0\0\0" + THUMBNAIL
    Image.fromarray(noise(8, 3)).save(tmp_path / "a.jpg", exif=b"Exif\0\0" + tiff)
    with Image.open(tmp_path / "a.jpg") as file:
        assert file.getexif().get_ifd(ExifTags.IFD.IFD1)
    picture = read_picture(tmp_path / "a.jpg")
    assert_exif_kept(picture)
    assert THUMBNAIL not in picture.exif


def test_damaged_exif_costs_nothing_else(tmp_path):
    Image.fromarray(noise(8, 3)).save(tmp_path / "a.png", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff damaged")
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, noise(8, 3))
    assert picture.exif is None


COLOURS = [(10, 20, 30), (200, 100, 0), (0, 0, 255)]
GREYS = [(0, 0, 0), (99, 99, 99), (255, 255, 255)]


@pytest.mark.parametrize(
    ("colours", "transparency", "expected"),
    [
        (COLOURS, None, COLOURS),
        (COLOURS, 1, [(10, 20, 30, 255), (200, 100, 0, 0), (0, 0, 255, 255)]),
        (COLOURS, bytes([0, 128, 255]), [(10, 20, 30, 0), (200, 100, 0, 128), (0, 0, 255, 255)]),
        (GREYS, None, [0, 99, 255]),
        (GREYS, bytes([7, 8, 9]), [(0, 7), (99, 8), (255, 9)]),
    ],
)
def test_palette_is_resolved(tmp_path, colours, transparency, expected):
    indices = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    indices.putpalette([value for colour in colours for value in colour])
    options = {} if transparency is None else {"transparency": transparency}
    indices.save(tmp_path / "a.png", **options)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, [expected])


def test_grey_palette_with_a_profile_stays_rgb(tmp_path):
    """The profile is one of RGB."""
    indices = Image.fromarray(np.array([[0, 1]], np.uint8))
    indices.putpalette([0, 0, 0, 99, 99, 99])
    indices.save(tmp_path / "a.png", icc_profile=ICC)
    assert read_picture(tmp_path / "a.png").pixels.tolist() == [[[0, 0, 0], [99, 99, 99]]]


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_one_bit_is_black_and_white(tmp_path, suffix):
    Image.fromarray(np.array([[True, False, True]])).save(tmp_path / f"a.{suffix}")
    assert read_picture(tmp_path / f"a.{suffix}").pixels.tolist() == [[255, 0, 255]]


@pytest.mark.parametrize(("depth", "channels"), [(8, 1), (8, 3), (16, 1), (16, 3)])
def test_transparent_colour_becomes_alpha(tmp_path, depth, channels):
    pixels = noise(depth, channels)
    pixels[2, 3] = pixels[4, 5] = key = pixels[0, 0]
    stored = pixels.astype(f">u{depth // 8}")
    write_png(tmp_path / "a.png", stored, depth, 0 if channels == 1 else 2, np.asarray(key, ">u2").tobytes())
    read = read_picture(tmp_path / "a.png").pixels
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read[..., :-1].squeeze(), pixels)
    transparent = {tuple(place) for place in np.argwhere(read[..., -1] == 0).tolist()}
    assert {(0, 0), (2, 3), (4, 5)} <= transparent
    assert set(read[..., -1].ravel().tolist()) == {0, 2**depth - 1}


@pytest.mark.parametrize(("depth", "step"), [(1, 255), (2, 85), (4, 17)])
def test_transparent_grey_of_few_bits(tmp_path, depth, step):
    levels = np.arange(WIDTH) % 2**depth
    bits = "".join(f"{level:0{depth}b}" for level in levels).ljust(32, "0")
    row = np.frombuffer(int(bits, 2).to_bytes(4, "big"), np.uint8)[: -(-WIDTH * depth // 8)]
    write_png(tmp_path / "a.png", [row], depth, 0, struct.pack(">H", 1))
    pixels = read_picture(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels, [np.stack([levels * step, (levels != 1) * 255], axis=-1)])


def test_premultiplied_alpha_of_sixteen_bits_becomes_straight(tmp_path):
    straight = noise(16, 4)
    straight[..., 3] |= 0x8000
    straight[0, 0] = 0
    stored = straight.copy()
    stored[..., :3] = np.rint(straight[..., :3].astype(float) * straight[..., 3:] / 65535)
    write_picture(tmp_path / "a.tif", Picture(stored))
    replace_tag(tmp_path / "a.tif", 338, 2, 1)
    assert np.abs(read_picture(tmp_path / "a.tif").pixels.astype(int) - straight).max() <= 1


def test_sixteen_bits_of_grey_with_white_as_zero(tmp_path):
    write_picture(tmp_path / "a.tif", Picture(noise(16, 1)))
    replace_tag(tmp_path / "a.tif", 262, 1, 0)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif").pixels, 65535 - noise(16, 1))


def test_photograph_with_auxiliary_picture_is_read(tmp_path):
    first, second = Image.fromarray(noise(8, 3)), Image.new("RGB", (3, 2))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    with Image.open(tmp_path / "a.jpg") as file:
        assert file.format == "MPO"
    assert read_picture(tmp_path / "a.jpg").pixels.shape == (HEIGHT, WIDTH, 3)


def several(path):
    Image.fromarray(noise(8, 3)).save(path, save_all=True, append_images=[Image.fromarray(noise(8, 3)[::-1])])


def in_mode(mode, **options):
    return lambda path: Image.new(mode, (4, 4)).save(path, **options)


def planar(path):
    write_picture(path, Picture(noise(16, 3)))
    replace_tag(path, 284, 1, 2)


def without_width(path):
    write_picture(path, Picture(noise(16, 3)))
    replace_tag(path, 256, WIDTH, 0, kind=4)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("a.jpg", in_mode("CMYK"), "in CMYK: convert it to RGB"),
        ("a.tif", in_mode("CMYK"), "in CMYK: convert it to RGB"),
        ("a.tif", in_mode("F"), "holds floating-point values: convert"),
        ("a.tif", in_mode("I"), "in a kind of colour that is not read"),
        ("a.tif", in_mode("LAB"), "in a kind of colour that is not read"),
        ("a.tif", in_mode("L", tiffinfo={254: 1}), "begins with a preview"),
        ("a.tif", planar, "is damaged|cannot be read"),
        ("a.tif", without_width, "is damaged|cannot be read|not a PNG"),
        ("a.tif", several, "holds 2 pictures"),
        ("a.png", several, "holds 2 pictures"),
        ("a.webp", several, "holds 2 pictures"),
        ("a.gif", in_mode("P"), "is not a PNG, JPEG, TIFF, BMP or WebP"),
        ("a.png", lambda path: path.write_bytes(b""), "is not a PNG"),
        ("a.jpg", lambda path: path.write_text("no picture\n" * 50), "is not a PNG"),
        ("none.png", lambda path: None, r"cannot be read \(No such file"),
        ("folder.png", lambda path: path.mkdir(), "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, capfd, name, make, words):
    make(tmp_path / name)
    with pytest.raises(UserError, match=f"{name} .*({words})"):
        read_picture(tmp_path / name)
    assert capfd.readouterr() == ("", "")


def test_unreadable_file_is_named(tmp_path, monkeypatch):
    """Permissions do not stop root, so the system's answer is made up."""

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.png").touch()
    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(UserError, match=r"a\.png cannot be read \(Permission denied\)"):
        read_picture(tmp_path / "a.png")


def test_decompression_bomb_is_refused(tmp_path, monkeypatch):
    write_picture(tmp_path / "a.png", Picture(noise(8, 3)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", HEIGHT * WIDTH / 2 - 1)
    with pytest.raises(UserError, match=r"a\.png is too large to be read safely"):
        read_picture(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", HEIGHT * WIDTH - 1)  # where Pillow only warns
    with warnings.catch_warnings(record=True) as shown:
        read_picture(tmp_path / "a.png")
    assert shown == []


@pytest.mark.parametrize(
    ("suffix", "depth", "channels"),
    [("png", 8, 3), ("jpg", 8, 3), ("bmp", 8, 3), ("webp", 8, 3), ("tif", 8, 1), ("png", 16, 3), ("tif", 16, 3)],
)
def test_truncated_pictures_are_named_wherever_they_end(tmp_path, capfd, suffix, depth, channels):
    """Cut anywhere, a file is refused, or (trailer alone missing) read as if it were whole."""
    path, cut = tmp_path / f"whole.{suffix}", tmp_path / f"cut.{suffix}"
    write_picture(path, Picture(noise(depth, channels)))
    whole, content = read_picture(path).pixels, path.read_bytes()
    refused = 0
    lengths = [*range(0, len(content) - 30, 5), *range(len(content) - 30, len(content))]
    for length in lengths:
        cut.write_bytes(content[:length])
        try:
            np.testing.assert_array_equal(read_picture(cut).pixels, whole)
        except UserError as error:
            refused += 1
            assert str(cut) in str(error)
    assert refused >= len(lengths) - 20  # a PNG ends with two checksums of 4 bytes and IEND of 12
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp", "tif", "deep.png", "deep.tif"])
def test_damaged_pictures_leave_no_traceback(tmp_path, capfd, suffix):
    path = tmp_path / f"a.{suffix}"
    write_picture(path, Picture(noise(16 if "deep" in suffix else 8, 3), ICC if suffix != "bmp" else None))
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(0)
    for _ in range(50):
        damaged = content.copy()
        for place in rng.integers(0, min(len(damaged), 200), 3):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged)
        try:
            read_picture(path)
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
        ("a.bmp", 8, 2, 1, "BMP cannot hold the picture's transparency"),
        ("a.tiff", 16, 2, 1, "16-bit grey with transparency is not written as TIFF: write PNG"),
        ("a.webp", 8, 3, 2000, "WEBP holds 16383 pixels a side"),
        ("a.JPG", 8, 3, 8000, "JPEG holds 65500 pixels a side"),
        ("a.tif", 16, 4, 5000, "TIFF holds 4 GiB"),
        ("a.gif", 8, 3, 1, "names no format to write: end it in .png"),
        ("a", 8, 3, 1, "names no format"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_beforehand(tmp_path, name, depth, channels, scale, words):
    picture = Picture(noise(depth, channels))
    with pytest.raises(UserError, match=words):
        check_writable(tmp_path / name, picture, scale=scale)
    if scale == 1:
        with pytest.raises(UserError, match=words):
            write_picture(tmp_path / name, picture)
    assert list(tmp_path.iterdir()) == []


def test_long_exif_is_refused_beforehand(tmp_path):
    with pytest.raises(UserError, match="long EXIF"):
        check_writable(tmp_path / "a.jpg", Picture(noise(8, 3), exif=b"Exif\0\0" + b"x" * 65536))


def test_failed_write_leaves_the_old_picture(tmp_path, monkeypatch):
    write_picture(tmp_path / "a.png", Picture(noise(16, 3)))

    def fail(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full_disk, pytest.raises(UserError, match="No space left"):
        full_disk.setattr("paddle_srcnn.deep_pictures.putchunk", fail)
        write_picture(tmp_path / "a.png", Picture(noise(16, 4)))
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").pixels, noise(16, 3))
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("method", ["get", "tobytes"])
def test_damaged_exif_takes_nothing_from_the_pixels(tmp_path, monkeypatch, method):
    pixels = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    Image.fromarray(pixels).save(tmp_path / "a.png", exif=exif_bytes(orientation=1))

    def fail(self, *arguments, **settings):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(Image.Exif, method, fail)
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert picture.exif is None
