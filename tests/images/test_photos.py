import struct
import zlib

import numpy as np
import pytest
from exif_entries import block_entries
from photo_blocks import tiff
from photo_containers import GREY_ICC, chunk, png
from photo_files import HEIGHT, ICC, THUMBNAIL, WIDTH, exif_bytes, noise, replace_tag
from PIL import ExifTags, Image

from paddle_srcnn.images.exif import orientation_of
from paddle_srcnn.images.photos import Photo, read_photo, write_photo

# The turns of a viewer for each orientation. EXIF 2.3 defines them by the sides that row 0 and column 0 are on.
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


def assert_exif_kept(photo):
    exif = Image.Exif()
    exif.load(photo.exif)
    height, width = photo.pixels.shape[:2]
    inner = dict(exif.get_ifd(ExifTags.IFD.Exif))
    assert inner.pop(ExifTags.Base.MakerNote).startswith(b"a maker's own ")
    assert (inner.pop(ExifTags.Base.ExifImageWidth), inner.pop(ExifTags.Base.ExifImageHeight)) == (width, height)
    assert inner == {ExifTags.Base.DateTimeOriginal: "2020:01:02 03:04:05"}
    assert dict(exif.get_ifd(ExifTags.IFD.GPSInfo)) == {ExifTags.GPS.GPSLatitudeRef: "N"}
    described = {tag: value for tag, value in exif.items() if tag not in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)}
    assert described.pop(ExifTags.Base.Orientation, 1) == 1
    assert described == {ExifTags.Base.Make: "Maker", ExifTags.Base.Copyright: "Someone"}


def write_png(path, pixels, depth, colour_type, transparency):
    """A PNG with a transparent colour; rows of `pixels` are as the file holds them."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", WIDTH, len(pixels), depth, colour_type, 0, 0, 0))]
    chunks += [(b"tRNS", transparency), (b"IDAT", zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels)))]
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in [*chunks, (b"IEND", b"")]:
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    path.write_bytes(content)


LOSSLESS = [(depth, channels, suffix) for depth in (8, 16) for channels in (1, 2, 3, 4) for suffix in ("png", "tif")]
LOSSLESS += [(8, 1, "bmp"), (8, 3, "bmp")]


@pytest.mark.parametrize(("depth", "channels", "suffix"), LOSSLESS)
def test_lossless_formats_give_back_every_pixel(tmp_path, depth, channels, suffix):
    path, pixels = tmp_path / "new folder" / f"a.{suffix}", noise(depth, channels)
    write_photo(path, Photo(pixels))
    back = read_photo(path)
    assert back.pixels.dtype == pixels.dtype
    np.testing.assert_array_equal(back.pixels, pixels)
    assert (back.icc_profile, back.exif) == (None, None)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(("depth", "channels", "suffix"), [row for row in LOSSLESS if row[2] != "bmp"])
def test_lossless_formats_keep_profile_and_exif(tmp_path, depth, channels, suffix):
    path, pixels = tmp_path / f"a.{suffix}", noise(depth, channels)
    Image.fromarray(noise(8, 3)).save(tmp_path / "source.jpg", icc_profile=ICC, exif=exif_bytes())
    source = read_photo(tmp_path / "source.jpg")
    profile = source.icc_profile if channels > 2 else GREY_ICC
    write_photo(path, Photo(pixels, profile, source.exif))
    back = read_photo(path)
    np.testing.assert_array_equal(back.pixels, pixels)
    assert back.icc_profile == profile
    assert source.icc_profile == ICC
    assert_exif_kept(back)


@pytest.mark.parametrize(("suffix", "channels"), [("jpg", 1), ("jpg", 3), ("webp", 3), ("webp", 4)])
def test_lossy_formats_keep_shape_profile_and_exif(tmp_path, suffix, channels):
    ramp = np.linspace(0, 255, 64).round().astype(np.uint8)
    pixels = np.dstack([np.tile(ramp, (48, 1)), np.tile(ramp[::-1], (48, 1)), *[np.tile(ramp[:48, None], 64)] * 2])
    pixels = pixels[..., 0] if channels == 1 else pixels[..., :channels]
    profile = GREY_ICC if channels == 1 else ICC
    Image.fromarray(pixels).save(tmp_path / "source.png", icc_profile=profile, exif=exif_bytes())
    source = read_photo(tmp_path / "source.png")
    sizes = {}
    for quality in (50, 95):
        write_photo(tmp_path / f"a.{suffix}", source, quality=quality)
        back = read_photo(tmp_path / f"a.{suffix}")
        sizes[quality] = (tmp_path / f"a.{suffix}").stat().st_size
    assert back.pixels.shape == pixels.shape
    assert np.abs(back.pixels.astype(int) - pixels).max() <= 12
    assert back.icc_profile == profile
    assert_exif_kept(back)
    assert sizes[50] < sizes[95]


def test_webp_holds_grey_with_alpha_as_rgba(tmp_path):
    write_photo(tmp_path / "a.webp", Photo(np.full((8, 8, 2), 128, np.uint8)))
    assert read_photo(tmp_path / "a.webp").pixels.shape == (8, 8, 4)


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("depth", "channels", "suffix"), [row for row in LOSSLESS if row[2] != "bmp"])
def test_orientation_is_applied_and_forgotten(tmp_path, orientation, depth, channels, suffix):
    path, stored = tmp_path / f"a.{suffix}", noise(depth, channels)
    if suffix == "png":
        path.write_bytes(png(stored, chunk(b"eXIf", exif_bytes(orientation)[6:])))
    else:
        path.write_bytes(tiff(stored, tags={271: (2, b"Maker\0"), 274: (3, [orientation])}))
    photo = read_photo(path)
    np.testing.assert_array_equal(photo.pixels, UPRIGHT[orientation](stored))
    assert photo.pixels.flags.c_contiguous
    assert block_entries(photo.exif)["first", 271][2] == b"Maker\0"
    assert orientation_of(photo.exif) == 1
    write_photo(path, photo)
    np.testing.assert_array_equal(read_photo(path).pixels, photo.pixels)


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_orientation_of_lossy_formats_is_applied(tmp_path, suffix):
    Image.fromarray(noise(8, 3)).save(tmp_path / f"a.{suffix}", exif=exif_bytes(6))
    assert read_photo(tmp_path / f"a.{suffix}").pixels.shape == (WIDTH, HEIGHT, 3)


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
    photo = read_photo(tmp_path / "a.jpg")
    assert_exif_kept(photo)
    assert photo.exif.count(THUMBNAIL) == 1  # within the maker's own note, whose bytes nobody knows


def test_damaged_exif_costs_nothing_else(tmp_path):
    Image.fromarray(noise(8, 3)).save(tmp_path / "a.png", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff damaged")
    photo = read_photo(tmp_path / "a.png")
    np.testing.assert_array_equal(photo.pixels, noise(8, 3))
    assert photo.exif is None


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
    np.testing.assert_array_equal(read_photo(tmp_path / "a.png").pixels, [expected])


def test_grey_palette_with_a_profile_stays_rgb(tmp_path):
    """The profile is one of RGB."""
    indices = Image.fromarray(np.array([[0, 1]], np.uint8))
    indices.putpalette([0, 0, 0, 99, 99, 99])
    indices.save(tmp_path / "a.png", icc_profile=ICC)
    assert read_photo(tmp_path / "a.png").pixels.tolist() == [[[0, 0, 0], [99, 99, 99]]]


@pytest.mark.parametrize("suffix", ["png", "tif", "bmp"])
def test_one_bit_is_black_and_white(tmp_path, suffix):
    Image.fromarray(np.array([[True, False, True]])).save(tmp_path / f"a.{suffix}")
    assert read_photo(tmp_path / f"a.{suffix}").pixels.tolist() == [[255, 0, 255]]


@pytest.mark.parametrize(("depth", "channels"), [(8, 1), (8, 3), (16, 1), (16, 3)])
def test_transparent_colour_becomes_alpha(tmp_path, depth, channels):
    pixels = noise(depth, channels)
    pixels[2, 3] = pixels[4, 5] = key = pixels[0, 0]
    stored = pixels.astype(f">u{depth // 8}")
    write_png(tmp_path / "a.png", stored, depth, 0 if channels == 1 else 2, np.asarray(key, ">u2").tobytes())
    read = read_photo(tmp_path / "a.png").pixels
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read[..., :-1].squeeze(), pixels)
    transparent = {tuple(index) for index in np.argwhere(read[..., -1] == 0).tolist()}
    assert {(0, 0), (2, 3), (4, 5)} <= transparent
    assert set(read[..., -1].ravel().tolist()) == {0, 2**depth - 1}


@pytest.mark.parametrize(("depth", "step"), [(1, 255), (2, 85), (4, 17)])
def test_transparent_grey_of_few_bits(tmp_path, depth, step):
    levels = np.arange(WIDTH) % 2**depth
    bits = "".join(f"{level:0{depth}b}" for level in levels).ljust(32, "0")
    row = np.frombuffer(int(bits, 2).to_bytes(4, "big"), np.uint8)[: -(-WIDTH * depth // 8)]
    write_png(tmp_path / "a.png", [row], depth, 0, struct.pack(">H", 1))
    pixels = read_photo(tmp_path / "a.png").pixels
    np.testing.assert_array_equal(pixels, [np.stack([levels * step, (levels != 1) * 255], axis=-1)])


def test_premultiplied_alpha_of_sixteen_bits_becomes_straight(tmp_path):
    straight = noise(16, 4)
    straight[..., 3] |= 0x8000
    straight[0, 0] = 0
    stored = straight.copy()
    stored[..., :3] = np.rint(straight[..., :3].astype(float) * straight[..., 3:] / 65535)
    write_photo(tmp_path / "a.tif", Photo(stored))
    replace_tag(tmp_path / "a.tif", 338, 2, 1)
    assert np.abs(read_photo(tmp_path / "a.tif").pixels.astype(int) - straight).max() <= 1


def test_sixteen_bits_of_grey_with_white_as_zero(tmp_path):
    write_photo(tmp_path / "a.tif", Photo(noise(16, 1)))
    replace_tag(tmp_path / "a.tif", 262, 1, 0)
    np.testing.assert_array_equal(read_photo(tmp_path / "a.tif").pixels, 65535 - noise(16, 1))


def test_photo_with_auxiliary_image_is_read(tmp_path):
    first, second = Image.fromarray(noise(8, 3)), Image.new("RGB", (3, 2))
    first.save(tmp_path / "a.jpg", format="MPO", save_all=True, append_images=[second])
    with Image.open(tmp_path / "a.jpg") as file:
        assert file.format == "MPO"
    assert read_photo(tmp_path / "a.jpg").pixels.shape == (HEIGHT, WIDTH, 3)
