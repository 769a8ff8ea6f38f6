import itertools
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.protocols.article import luma
from reader import PATCH, STEP, extract_patches, load_patches, patch_reader, read_data, shuffle
from reader.grid_patches import Patches

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
        for plane in range(3):
            np.testing.assert_array_equal(patch[plane], blur_by_formula(hr[plane, j : j + 33, i : i + 33]))


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
    """By the article's rule: ceil((H - 33) / 14) * ceil((W - 33) / 14), summed over the 91 pictures."""
    folder = dataset_folder("T91")
    patches = load_patches(sorted(folder.iterdir()), margin=MARGIN)
    assert patches.inputs.shape == (21910, 1, 33, 33)
    assert patches.labels.shape == (21910, 1, 21, 21)
    assert (patches.pictures, patches.skipped) == (91, 0)
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


def write_photo(path, height, width, channels=3):
    picture = np.moveaxis(noise(height, width, channels), 0, -1)
    Image.fromarray(picture.squeeze()).save(path)
    return path


def test_small_pictures_are_counted_and_passed_over(tmp_path):
    small = write_photo(tmp_path / "a.png", 33, 90)
    large = write_photo(tmp_path / "b.png", 48, 48)
    grey = write_photo(tmp_path / "c.png", 34, 34, channels=1)
    patches = load_patches([small, large, grey], margin=MARGIN)
    assert (len(patches.inputs), patches.pictures, patches.skipped) == (5, 2, 1)


def test_only_small_pictures_are_an_error_that_names_the_size(tmp_path):
    write_photo(tmp_path / "a.png", 33, 90)
    with pytest.raises(UserError, match=r"a\.png.*34x34"):
        read_data(tmp_path, margin=MARGIN)


def test_planes_decide_the_channels(tmp_path):
    file = write_photo(tmp_path / "a.png", 34, 34)
    patches = load_patches([file], margin=4, planes=lambda rgb: np.moveaxis(rgb, -1, 0))
    assert patches.inputs.shape == (1, 3, 33, 33)
    expected = np.asarray(Image.open(file))[4:29, 4:29]
    np.testing.assert_array_equal(np.moveaxis(patches.labels[0], 0, -1), expected)


def test_pictures_are_decoded_once_per_run(tmp_path):
    file = write_photo(tmp_path / "a.png", 48, 48)
    data_reader = read_data(tmp_path, margin=MARGIN)
    file.unlink()
    epochs = [list(data_reader()) for _ in range(2)]
    assert len(epochs[0]) == 4
    for first, second in zip(*epochs, strict=True):
        np.testing.assert_array_equal(first[0], second[0])
        np.testing.assert_array_equal(first[1], second[1])


def test_two_generators_of_one_reader_do_not_disturb_each_other(tmp_path):
    data_reader = read_data([write_photo(tmp_path / "a.png", 48, 48)], margin=MARGIN)
    one = data_reader()
    next(one)
    assert len(list(data_reader())) == 4
    assert len(list(one)) == 3


def test_reader_composes_with_paddle_batch(tmp_path):
    paddle = pytest.importorskip("paddle")
    data_reader = read_data([write_photo(tmp_path / "a.png", 62, 62)], margin=MARGIN)
    batches = list(paddle.batch(shuffle(data_reader, np.random.default_rng(0), 9), batch_size=4)())
    assert [len(batch) for batch in batches] == [4, 4, 1]
    inputs = np.stack([sample[0] for sample in batches[0]])
    assert (inputs.shape, inputs.dtype) == ((4, 1, 33, 33), np.uint8)


def test_reader_imports_without_paddle():
    program = (
        "import sys, reader, reader.__main__; sys.exit(any(name.split('.')[0] == 'paddle' for name in sys.modules))"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize("buffer_size", [1, 7, 50, 1000])
def test_shuffle_permutes_within_its_buffer(buffer_size):
    samples = list(shuffle(lambda: iter(range(50)), np.random.default_rng(3), buffer_size)())
    assert sorted(samples) == list(range(50))
    for start in range(0, 50, buffer_size):
        assert sorted(samples[start : start + buffer_size]) == list(range(start, min(start + buffer_size, 50)))
    assert (samples == list(range(50))) == (buffer_size == 1)


def test_shuffle_goes_on_identically_from_a_restored_state():
    rng = np.random.default_rng(3)
    shuffled = shuffle(lambda: iter(range(50)), rng, 20)
    first = list(shuffled())
    state = rng.bit_generator.state
    second = list(shuffled())
    assert first != second
    restored = np.random.default_rng(99)
    restored.bit_generator.state = state
    assert list(shuffle(lambda: iter(range(50)), restored, 20)()) == second


def test_shuffle_leaves_the_global_generators_alone():
    np.random.seed(0)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    list(shuffle(lambda: iter(range(50)), np.random.default_rng(3), 20)())
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_shuffle_refuses_an_empty_buffer():
    with pytest.raises(ValueError, match="buffer_size"):
        shuffle(lambda: iter(()), np.random.default_rng(0), 0)


def test_an_epoch_costs_little():
    """Under 60 ms for T91's 21,910 patches, beside about 10 s of training on them; the best of five, in CPU time."""
    count = 21910
    patches = Patches(np.zeros((count, 1, 33, 33), np.uint8), np.zeros((count, 1, 21, 21), np.uint8), 91, 0)
    shuffled = shuffle(patch_reader(patches), np.random.default_rng(0), count)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        assert sum(1 for _ in shuffled()) == count
        seconds.append(time.process_time() - start)
    assert min(seconds) < 0.06
