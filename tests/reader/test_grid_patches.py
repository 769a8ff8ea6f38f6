"""The article's reader."""

import itertools
import math

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.protocols.article import luma
from paddle_srcnn.reader import PATCH, STEP, extract_patches, load_patches, read_data

MARGIN = Architecture(filters=(9, 1, 5), widths=(64, 32)).margin


def noise(height, width, channels=1, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (channels, height, width), dtype=np.uint8)


def luma_by_formula(path):
    """Y = 0.299 R + 0.587 G + 0.114 B (BT.601, full range), rounded."""
    rgb = np.asarray(Image.open(path).convert("RGB"), np.float64)
    return np.floor(rgb @ [0.299, 0.587, 0.114] + 0.5)


def blur_by_formula(patch):
    """5x5 blur in whole numbers, half rounded up; borders mirrored without the edge.

    The weights are those that OpenCV keeps for five pixels when sigma is 0, the binomial 1 4 6 4 1 over 16; the
    sigma of 1.1 that its documented rule gives for five pixels is not what it uses.
    """
    weights = (1, 4, 6, 4, 1)
    padded = np.pad(patch.astype(int), 2, mode="reflect")
    rows = sum(weights[k] * padded[k : k + 33] for k in range(5))
    return (sum(weights[k] * rows[:, k : k + 33] for k in range(5)) + 128) // 256


# The article's bound is strict, `j + 33 < H`, so 33 pixels give none; the second corner, 14, needs 14 + 33 < H.
@pytest.mark.parametrize(
    ("height", "width", "count"),
    [
        (33, 33, 0),
        (34, 33, 0),
        (33, 34, 0),
        (34, 34, 1),
        (47, 47, 1),
        (48, 47, 2),
        (48, 48, 4),
        (62, 61, 6),
        (1, 99, 0),
    ],
)
def test_number_of_patches_follows_the_strict_bound(height, width, count):
    inputs, labels = extract_patches(noise(height, width), MARGIN)
    assert inputs.shape == (count, 1, 33, 33)
    assert labels.shape == (count, 1, 21, 21)
    assert inputs.dtype == labels.dtype == np.uint8


@pytest.mark.parametrize("margin", [0, 6, 16])
def test_labels_are_centres_of_the_ground_truth_row_by_row(margin):
    hr = noise(62, 76, channels=3)
    inputs, labels = extract_patches(hr, margin)
    corners = list(itertools.product((0, 14, 28), (0, 14, 28, 42)))  # outer loop over rows
    assert (PATCH, STEP, len(inputs)) == (33, 14, len(corners))
    for (j, i), patch, label in zip(corners, inputs, labels, strict=True):
        np.testing.assert_array_equal(label, hr[:, j + margin : j + 33 - margin, i + margin : i + 33 - margin])
        for channel in range(3):
            np.testing.assert_array_equal(patch[channel], blur_by_formula(hr[channel, j : j + 33, i : i + 33]))


def test_each_patch_is_blurred_up_to_its_own_border():
    hr = np.zeros((1, 48, 48), np.uint8)
    hr[:, :, 33:] = 255  # just outside of the left patches
    inputs, _ = extract_patches(hr, MARGIN)
    assert inputs[0].max() == 0
    assert inputs[1].max() == 255


@pytest.mark.parametrize("margin", [-1, 17])
def test_impossible_margin_is_refused(margin):
    with pytest.raises(ValueError, match=f"margin {margin}"):
        extract_patches(noise(34, 34), margin)


def test_t91_gives_21910_patches(dataset_folder):
    """By the article's rule: ceil((H - 33) / 14) * ceil((W - 33) / 14), summed over the 91 images."""
    folder = dataset_folder("T91")
    patches = load_patches(sorted(folder.iterdir()), margin=MARGIN)
    assert patches.inputs.shape == (21910, 1, 33, 33)
    assert patches.labels.shape == (21910, 1, 21, 21)
    assert (patches.images, patches.skipped) == (91, 0)
    start = 0
    for file in sorted(folder.iterdir()):
        y = luma(read_image(file))
        rows, columns = (math.ceil((side - 33) / 14) for side in y.shape[1:])
        end = start + rows * columns
        j, i = 14 * (rows - 1), 14 * (columns - 1)
        np.testing.assert_array_equal(patches.labels[start], y[:, 6:27, 6:27])
        np.testing.assert_array_equal(patches.labels[end - 1], y[:, j + 6 : j + 27, i + 6 : i + 27])
        start = end
    assert start == 21910


def test_first_and_last_patch_of_t1(dataset_folder):
    file = dataset_folder("T91") / "t1.bmp"
    patches = load_patches([file], margin=6)
    y = luma_by_formula(file)
    assert y.shape == (176, 197)
    assert len(patches.inputs) == 132  # corners 0, 14, ..., 140 (140 + 33 < 176) by 0, 14, ..., 154 (154 + 33 < 197)
    for index, j, i in ((0, 0, 0), (131, 140, 154)):
        patch = y[j : j + 33, i : i + 33]
        assert np.abs(patches.labels[index, 0] - patch[6:27, 6:27]).max() <= 1  # the luma in fixed point
        assert np.abs(patches.inputs[index, 0] - blur_by_formula(patch)).max() <= 1
    # Start of the first and end of the last patch's rows, from the two formulas above on the published t1.bmp.
    assert patches.labels[0, 0, 0, :8].tolist() == [79, 75, 70, 74, 79, 83, 89, 95]
    assert patches.labels[131, 0, 20, -8:].tolist() == [192, 208, 198, 188, 182, 177, 187, 188]
    assert patches.inputs[0, 0, 0, :8].tolist() == [84, 84, 87, 90, 94, 95, 95, 96]
    assert patches.inputs[131, 0, 32, -8:].tolist() == [188, 188, 193, 195, 190, 183, 180, 181]


def write_image(path, height, width, channels=3):
    image = np.moveaxis(noise(height, width, channels), 0, -1)
    Image.fromarray(image.squeeze()).save(path)
    return path


def test_small_images_are_counted_and_skipped(tmp_path):
    small = write_image(tmp_path / "a.png", 33, 90)
    large = write_image(tmp_path / "b.png", 48, 48)
    grey = write_image(tmp_path / "c.png", 34, 34, channels=1)
    patches = load_patches([small, large, grey], margin=MARGIN)
    assert (len(patches.inputs), patches.images, patches.skipped) == (5, 2, 1)


def test_only_small_images_are_an_error_that_names_the_size(tmp_path):
    write_image(tmp_path / "a.png", 33, 90)
    with pytest.raises(UserError, match=r"a\.png.*34x34"):
        read_data(tmp_path, margin=MARGIN)


def test_view_decides_the_channels(tmp_path):
    file = write_image(tmp_path / "a.png", 34, 34)
    patches = load_patches([file], margin=4, view=lambda rgb: np.moveaxis(rgb, -1, 0))
    assert patches.inputs.shape == (1, 3, 33, 33)
    expected = np.asarray(Image.open(file))[4:29, 4:29]
    np.testing.assert_array_equal(np.moveaxis(patches.labels[0], 0, -1), expected)


def test_images_are_decoded_once_per_run(tmp_path):
    file = write_image(tmp_path / "a.png", 48, 48)
    data_reader = read_data(tmp_path, margin=MARGIN)
    file.unlink()
    epochs = [list(data_reader()) for _ in range(2)]
    assert len(epochs[0]) == 4
    for first, second in zip(*epochs, strict=True):
        np.testing.assert_array_equal(first[0], second[0])
        np.testing.assert_array_equal(first[1], second[1])


def test_two_generators_of_one_reader_do_not_disturb_each_other(tmp_path):
    data_reader = read_data([write_image(tmp_path / "a.png", 48, 48)], margin=MARGIN)
    one = data_reader()
    next(one)
    assert len(list(data_reader())) == 4
    assert len(list(one)) == 3
