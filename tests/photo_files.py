"""Photos of noise and their metadata, for the tests that read and write files."""

import struct

import numpy as np
from PIL import ExifTags, Image, ImageCms

HEIGHT, WIDTH = 9, 7
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
THUMBNAIL = b"\xff\xd8 a small picture \xff\xd9"


def noise(depth, channels):
    """Make pixels of 8 or 16 bits in 1 to 4 channels."""
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    return np.random.default_rng(channels).integers(0, 2**depth, shape).astype(f"u{depth // 8}")


def exif_bytes(orientation=None):
    """Make EXIF with entries that upscaling keeps and entries that it drops."""
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


def replace_tag(path, tag, old, new, kind=3):
    """Give a tag of a little-endian TIFF another value; kind 3 is a short, 4 a long."""
    before, after = (struct.pack("<HHII", tag, kind, 1, value) for value in (old, new))
    content = path.read_bytes()
    assert content.count(before) == 1
    path.write_bytes(content.replace(before, after))
