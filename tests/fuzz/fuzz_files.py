"""Small valid files of every format that the project reads."""

import io
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from photo_samples import harmless_samples
from PIL import ExifTags, Image, ImageCms
from scipy.io import savemat

from paddle_srcnn.images.photos import Photo, write_photo
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point, write_curve
from paddle_srcnn.system.files import write_safetensors
from paddle_srcnn.training.checkpoints import Checkpoint, save_checkpoint

HEIGHT, WIDTH = 21, 26
LARGEST_SAMPLE = 20_000  # bytes
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noise(channels, dtype=np.uint8):
    shape = (HEIGHT, WIDTH) if channels == 1 else (HEIGHT, WIDTH, channels)
    smooth = np.add.outer(np.arange(HEIGHT) * 5, np.arange(WIDTH) * 3).reshape(HEIGHT, WIDTH, *(1,) * (len(shape) - 2))
    drawn = np.random.default_rng(channels).integers(0, 99, shape) + smooth
    return (drawn * (257 if dtype == np.uint16 else 1)).astype(dtype)


def exif():
    made = Image.Exif()
    made[ExifTags.Base.Make] = "Maker"
    made[ExifTags.Base.Orientation] = 6
    made[ExifTags.Base.XResolution] = 72.0
    made[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: "2020:01:02 03:04:05", ExifTags.Base.MakerNote: b"note"}
    made[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (1.0, 2.0, 3.0)}
    return made


def saved(picture, file_format, **options):
    stream = io.BytesIO()
    picture.save(stream, file_format, **options)
    return stream.getvalue()


def written(name, write):
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder, name))
        return Path(folder, name).read_bytes()


def pictures():
    grey, rgb, rgba = (Image.fromarray(noise(channels)) for channels in (1, 3, 4))
    palette, bits = rgb.quantize(16), grey.convert("1")
    described = {"icc_profile": ICC, "exif": exif().tobytes()}
    files = {"grey.bmp": saved(grey, "BMP"), "rgb.bmp": saved(rgb, "BMP"), "palette.bmp": saved(palette, "BMP")}
    files |= {"bits.bmp": saved(bits, "BMP"), "rgba.bmp": saved(rgba, "BMP"), "other.gif": saved(palette, "GIF")}
    files |= {"grey.png": saved(grey, "PNG"), "rgb.png": saved(rgb, "PNG", **described), "bits.png": saved(bits, "PNG")}
    files |= {"palette.png": saved(palette, "PNG", transparency=b"\0\x80\xff"), "rgba.png": saved(rgba, "PNG")}
    files |= {"key.png": saved(rgb, "PNG", transparency=(1, 2, 3)), "la.png": saved(rgba.convert("LA"), "PNG")}
    files |= {"rgb.jpg": saved(rgb, "JPEG", **described), "grey.jpg": saved(grey, "JPEG", progressive=True)}
    files |= {"cmyk.jpg": saved(rgb.convert("CMYK"), "JPEG"), "two.jpg": saved(rgb, "MPO", save_all=True)}
    files |= {"rgb.webp": saved(rgb, "WEBP", **described), "rgba.webp": saved(rgba, "WEBP", lossless=True)}
    kinds = [("raw", rgb), ("raw", grey), ("raw", rgba), ("raw", palette), ("raw", grey.convert("F"))]
    kinds += [("tiff_lzw", rgb), ("tiff_lzw", rgba), ("tiff_adobe_deflate", rgb), ("jpeg", rgb)]
    kinds += [("packbits", grey), ("group4", bits)]
    for number, (compression, picture) in enumerate(kinds):
        options = described if compression == "raw" else {"icc_profile": ICC}
        files[f"{number}.tif"] = saved(picture, "TIFF", compression=compression, **options)
    for channels in (1, 2, 3, 4):
        deep = Photo(noise(channels, np.uint16), ICC, exif().tobytes())
        files |= {
            f"deep{channels}{end}": written(f"a{end}", lambda path, d=deep: write_photo(path, d))
            for end in (".png", ".tif")
        }
    return files | {
        f"sample-{sample.name}": sample.content for sample in harmless_samples() if len(sample.content) < LARGEST_SAMPLE
    }


def tensors():
    rng = np.random.default_rng(0)
    shapes = {"conv1.weight": (4, 1, 3, 3), "conv2.weight": (2, 4, 1, 1), "conv3.weight": (1, 2, 3, 3)}
    made = {name: rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}
    return made | {f"conv{i}.bias": np.zeros(n, np.float32) for i, n in ((1, 4), (2, 2), (3, 1))}


def checkpoint():
    score = Score((30.0, 31.0), 30.5, 30.4, Score((1.0, 2.0), 1.5, 1.4))
    points = (Point(0, 0, None, score), Point(8, 1, 0.25, score))
    state = np.random.default_rng(0).bit_generator.state
    return Checkpoint(tensors(), state, points, 1.5, {"name": "baseline", "filters": [9, 1, 5]}, [{"epoch": 0}])


def matlab(**options):
    rng = np.random.default_rng(0)
    shapes = {"weights_conv1": (9, 4), "biases_conv1": (4, 1), "weights_conv2": (4, 1, 2), "biases_conv2": (2, 1)}
    if options.get("format") == "4":
        shapes["weights_conv2"] = (4, 2)  # that version has matrices only
    shapes |= {"weights_conv3": (2, 9), "biases_conv3": (1, 1)}
    stream = io.BytesIO()
    savemat(stream, {name: rng.normal(0, 0.1, shape) for name, shape in shapes.items()}, **options)
    return stream.getvalue()


def odd_matlab():
    """Make a MATLAB file that holds other things than numbers."""
    stream = io.BytesIO()
    cells = np.array([np.zeros(2), "text"], object)
    others = {"cells": cells, "structure": {"a": 1, "b": {"c": 2}}, "text": "abc", "bits": np.array([True])}
    savemat(stream, {"weights_conv1": cells, **others, **{f"biases_conv{i}": np.zeros((i, 1)) for i in (1, 2, 3)}})
    return stream.getvalue()


@cache
def valid_files():
    """Make the content of each valid file, by group and name."""
    metadata = {"protocol": "article", "value_range": "0..1", "scale": "3"}
    score = Score((30.0, float("inf")), 30.5, 30.4)
    coloured = Score((30.0, 31.0), 30.5, 30.4, Score((1.0, 2.0), 1.5, 1.4))
    curves = {
        name: written("curve.csv", lambda path, one=one: write_curve(path, ["a", 'b,"'], [Point(0, 0, None, one)] * 9))
        for name, one in (("luma.csv", score), ("rgb.csv", coloured))
    }
    named = {
        "a.safetensors": written("a.safetensors", lambda path: write_safetensors(path, tensors(), metadata)),
        "plain.mat": matlab(),
        "small.mat": matlab(do_compression=True),
        "old.mat": matlab(format="4"),
        "odd.mat": odd_matlab(),
    }
    kept = written("a.safetensors", lambda path: save_checkpoint(path, checkpoint()))
    return {"picture": pictures(), "weights": named, "checkpoint": {"c.safetensors": kept}, "curve": curves}
