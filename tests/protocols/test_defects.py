import io

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.images.colour import rgb_to_ycbcr
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.defects import DEFECTS, Jpeg, Noise, load_defective, upsample_defective
from paddle_srcnn.protocols.paper import quantised
from paddle_srcnn.protocols.validation import load_super_resolution


def saved_as_jpeg(image, quality):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_compresses_the_small_image_at_each_quality(write_noise, tmp_path, channels):
    image = read_image(write_noise(tmp_path / "a.png", 40, 61, channels=channels))
    small = np.stack([quantised(imresize(plane, 1 / 2)) for plane in np.atleast_3d(image)[:, :60].transpose(2, 0, 1)])
    small = np.moveaxis(small, 0, -1) if image.ndim == 3 else small[0]
    results = list(upsample_defective(image, 2, Jpeg("jpeg", (20, 80)), np.random.default_rng(0)))
    for quality, result in zip((20, 80), results, strict=True):
        damaged = saved_as_jpeg(small, quality)
        luma = rgb_to_ycbcr(damaged)[..., 0] if image.ndim == 3 else damaged
        np.testing.assert_allclose(result, imresize(luma[np.newaxis], 2))
        assert result.shape == (1, 40, 60)


def test_noise_has_the_deviation_that_is_asked_for():
    grey = np.full((80, 80, 3), 128, np.uint8)
    weak, strong = Noise("noise", (2.0, 10.0)).applied(grey, np.random.default_rng(0))
    assert np.std(weak - 128.0) == pytest.approx(2, rel=0.05)
    assert np.std(strong - 128.0) == pytest.approx(10, rel=0.05)
    assert len(np.unique(strong[0, 0])) > 1  # each channel has its own


def test_a_validation_set_has_the_middle_strength_and_the_same_noise_each_time(write_noise, tmp_path):
    files = [write_noise(tmp_path / "a.png", 40, 40), write_noise(tmp_path / "b.png", 44, 50)]
    clean, noise = load_super_resolution(files, scale=2), DEFECTS["noise_high"]
    first, second = (load_defective(files, scale=2, defect=noise) for _ in range(2))
    for one, other, plain in zip(first.inputs, second.inputs, clean.inputs, strict=True):
        np.testing.assert_array_equal(one, other)
        assert np.std(one - plain) > 3
    middle = load_defective(files, scale=2, defect=DEFECTS["jpeg"])
    expected = next(upsample_defective(read_image(files[0]), 2, Jpeg("jpeg", (60,)), np.random.default_rng(0)))
    np.testing.assert_array_equal(middle.inputs[0], expected)
    assert (first.names, first.scale) == (clean.names, 2)
