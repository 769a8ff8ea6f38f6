"""The protocol `paper`: MATLAB's rounding, the crop, the published figures of bicubic, and the score."""

import numpy as np
import pytest

from paddle_srcnn.images.io import read_image
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.protocols.paper import paper_channels, paper_score, quantised, upsample


def test_pixels_are_rounded_as_matlab_does():
    np.testing.assert_array_equal(quantised(np.array([-3, 0.49, 0.5, 1.5, 2.5, 254.5, 300])), [0, 0, 1, 2, 3, 255, 255])


def test_images_are_cropped_to_multiples():
    image = np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    assert [paper_channels(image, scale).shape for scale in (1, 2, 3, 4)] == [
        (1, 20, 31), (1, 20, 30), (1, 18, 30), (1, 20, 28)
    ]  # fmt: skip
    np.testing.assert_array_equal(paper_channels(image[..., 0], 2)[0], image[:, :30, 0])  # grey as it is


@pytest.mark.parametrize(
    ("name", "scale", "published_db"),
    [
        ("Set5", 2, 33.66),
        ("Set5", 3, 30.39),
        ("Set5", 4, 28.42),
        ("Set14", 2, 30.23),
        ("Set14", 3, 27.54),
        ("Set14", 4, 26.00),
    ],
)
def test_bicubic_is_the_published_one(dataset_folder, name, scale, published_db):
    """Means as Dong et al. 2016, tables 2 to 4, and all that followed have them."""
    psnrs = []
    for file in sorted(dataset_folder(name).glob("*.bmp")):
        hr = paper_channels(read_image(file), scale)
        psnrs.append(paper_score(upsample(hr, scale)[0], hr[0], scale)[0])
    assert round(float(np.mean(psnrs)), 2) == published_db


def test_score_is_of_what_is_left_after_shaving():
    hr = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    sr = hr.astype(float)
    sr[:3] = sr[:, -3:] = 0  # lost with the borders
    sr[20, 20] = 300
    psnr_db, ssim = paper_score(sr, hr, 3)
    expected = hr[3:-3, 3:-3].copy()
    expected[17, 17] = 255
    assert psnr_db == psnr(expected, hr[3:-3, 3:-3])
    assert 0.9 < ssim < 1
    assert paper_score(hr, hr, 3) == (np.inf, 1.0)
