import numpy as np
import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.article import centre
from paddle_srcnn.protocols.defects import Noise
from paddle_srcnn.protocols.paper import paper_channels, upsample
from paddle_srcnn.reader import load_pairs, random_patch_reader
from paddle_srcnn.reader.random_patches import AUGMENTATIONS, Pair, augmented, load_defective_pairs


@pytest.fixture
def files(write_noise, tmp_path):
    return [write_noise(tmp_path / "a.png", 70, 61), write_noise(tmp_path / "b.png", 40, 45, channels=1)]


def test_pairs_are_those_of_the_protocol(files):
    pairs = load_pairs(files, scale=3)
    for file, pair in zip(files, pairs, strict=True):
        hr = paper_channels(read_image(file), 3)
        np.testing.assert_array_equal(pair.hr, hr)
        np.testing.assert_allclose(pair.input, upsample(hr, 3), rtol=1e-6)
        assert (pair.input.dtype, pair.hr.dtype) == (np.float32, np.uint8)


def test_smaller_sizes_are_further_ground_truths_as_far_as_they_hold_a_patch(files):
    shapes = [pair.hr.shape for pair in load_pairs(files, scale=2, sizes=(1.0, 0.9, 0.5))]
    assert shapes == [(1, 70, 60), (1, 62, 54), (1, 40, 44), (1, 36, 40)]


def test_pairs_with_a_defect_have_one_input_for_each_strength_and_size(files):
    noise, rng = Noise("noise", (1.0, 5.0)), np.random.default_rng(3)
    pairs = load_defective_pairs(files, scale=2, sizes=(1.0, 0.9), defect=noise, rng=rng)
    clean = [pair for pair in load_pairs(files, scale=2, sizes=(1.0, 0.9)) for _ in noise.strengths]
    assert [pair.hr.shape for pair in pairs] == [pair.hr.shape for pair in clean]
    for pair, other in zip(pairs, clean, strict=True):
        assert np.abs(pair.hr.astype(int) - other.hr).mean() < 1  # luma is taken after resizing, not before
        assert np.std(pair.input - other.input) > 0.2
    again = load_defective_pairs(files, scale=2, sizes=(1.0, 0.9), defect=noise, rng=np.random.default_rng(3))
    np.testing.assert_array_equal(again[-1].input, pairs[-1].input)


def test_images_too_small_are_named(write_noise, tmp_path):
    small = write_noise(tmp_path / "small.png", 32, 90)
    with pytest.raises(UserError, match=r"small\.png"):
        load_pairs([small], scale=3)
    with pytest.raises(UserError, match=r"small\.png"):
        load_defective_pairs(
            [small], scale=3, sizes=(1.0,), defect=Noise("noise", (1.0,)), rng=np.random.default_rng(0)
        )


def test_samples_are_places_of_the_pictures_augmented(files):
    pairs = load_pairs(files, scale=3)
    reader = random_patch_reader(pairs, np.random.default_rng(0), margin=6, count=50)
    windows = {}
    for pair in pairs:
        for row in range(pair.hr.shape[1] - 32):
            for column in range(pair.hr.shape[2] - 32):
                window = (slice(None), slice(row, row + 33), slice(column, column + 33))
                for number in range(AUGMENTATIONS):
                    key = np.ascontiguousarray(augmented(pair.input[window], number)).tobytes()
                    windows[key] = augmented(centre(pair.hr[window], 6), number)
    samples = list(reader())
    assert len(samples) == 50
    for given, label in samples:
        np.testing.assert_array_equal(windows[np.ascontiguousarray(given).tobytes()], label)


def test_every_augmentation_and_every_corner_is_drawn():
    ramp = np.arange(35 * 36, dtype=np.float32).reshape(1, 35, 36)
    reader = random_patch_reader([Pair(ramp, ramp.astype(np.uint8))], np.random.default_rng(0), margin=16, count=4000)
    lowest = [float(given.min()) for given, _ in reader()]
    assert set(lowest) == {36.0 * row + column for row in range(3) for column in range(4)}
    first = {float(given[0, 0, 0]) - float(given.min()) for given, _ in reader()}
    assert len(first) == 4  # each corner of a patch comes to lie top left
    assert {np.sign(float(given[0, 0, 1] - given[0, 0, 0])) for given, _ in reader()} == {-1.0, 1.0}


def test_large_images_are_drawn_from_more_often():
    small, large = (Pair(np.full((1, side, side), value, np.float32), np.zeros((1, side, side), np.uint8))
                    for side, value in ((33, 1), (35, 2)))  # fmt: skip
    reader = random_patch_reader([small, large], np.random.default_rng(0), margin=6, count=5000)
    share = np.mean([given[0, 0, 0] == 2 for given, _ in reader()])
    assert share == pytest.approx(0.9, abs=0.02)


def test_state_of_the_generator_repeats_an_epoch(files):
    rng = np.random.default_rng(0)
    reader = random_patch_reader(load_pairs(files, scale=3), rng, margin=6, count=20)
    next(iter(reader()))
    state = rng.bit_generator.state
    first = [given.copy() for given, _ in reader()]
    other = [given.copy() for given, _ in reader()]
    rng.bit_generator.state = state
    again = [given.copy() for given, _ in reader()]
    np.testing.assert_array_equal(first, again)
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


def test_without_augmentation_patches_are_not_rotated():
    ramp = np.arange(40 * 40, dtype=np.float32).reshape(1, 40, 40)
    pairs = [Pair(ramp, ramp.astype(np.uint8))]
    for given, _ in random_patch_reader(pairs, np.random.default_rng(0), margin=6, count=50, augment=False)():
        assert (np.diff(given[0], axis=1) == 1).all()


def test_small_patches_have_large_labels_of_the_same_place(write_noise, tmp_path):
    """Value and place of a small pixel, and of the block of 3x3 that it stands for, are one number here."""
    files = [write_noise(tmp_path / "a.png", 62, 70), write_noise(tmp_path / "small.png", 50, 90)]
    (pair,) = load_pairs(files, scale=3, factor=3, patch=17)  # 50 / 3 has fewer than 17 pixels
    np.testing.assert_allclose(pair.input, imresize(pair.hr, 1 / 3), rtol=1e-5)
    assert (pair.hr.shape, pair.input.shape, pair.input.dtype) == ((1, 60, 69), (1, 20, 23), np.float32)
    numbers = np.arange(20 * 12, dtype=np.float32).reshape(1, 20, 12)
    block = Pair(numbers, np.kron(numbers, np.ones((1, 3, 3))).astype(np.uint8))
    reader = random_patch_reader([block], np.random.default_rng(0), margin=2, count=300, factor=3, patch=9)
    for given, label in reader():
        assert (given.shape, label.shape) == ((1, 9, 9), (1, 15, 15))
        np.testing.assert_array_equal(label, np.kron(given[:, 2:-2, 2:-2], np.ones((1, 3, 3))))
    assert {float(given.min()) for given, _ in reader()} == {
        12.0 * row + column for row in range(12) for column in range(4)
    }
