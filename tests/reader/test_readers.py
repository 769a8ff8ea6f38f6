"""Readers and their decorators."""

import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import ROOT

from paddle_srcnn import reader as room
from paddle_srcnn.protocols.article import rgb
from paddle_srcnn.reader import Patches, load_pairs, load_patches, patch_reader, random_patch_reader, read_data, shuffle


def test_reader_composes_with_paddle_batch(write_noise, tmp_path):
    paddle = pytest.importorskip("paddle")
    data_reader = read_data([write_noise(tmp_path / "a.png", 62, 62)], margin=6)
    batches = list(paddle.batch(shuffle(data_reader, np.random.default_rng(0), 9), batch_size=4)())
    assert [len(batch) for batch in batches] == [4, 4, 1]
    inputs = np.stack([sample[0] for sample in batches[0]])
    assert (inputs.shape, inputs.dtype) == ((4, 1, 33, 33), np.uint8)


def test_reader_imports_without_paddle():
    program = (
        "import sys, paddle_srcnn.commands.data; from reader import *; "
        "sys.exit(any(name.split('.')[0] == 'paddle' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


def test_door_gives_the_names_of_the_room():
    import reader

    assert reader.__all__ == room.__all__
    assert all(getattr(reader, name) is getattr(room, name) for name in reader.__all__)
    with pytest.raises(AttributeError, match="'reader' has no attribute 'writer'"):
        reader.writer  # noqa: B018


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


def test_keywords_of_the_first_version_still_work(write_noise, tmp_path):
    file = write_noise(tmp_path / "a.png", 60, 60)
    with pytest.warns(DeprecationWarning, match=r"read_data\(planes=...\) is view=... now"):
        old = list(read_data([file], margin=6, planes=rgb)())
    new = list(read_data([file], margin=6, view=rgb)())
    np.testing.assert_array_equal([sample[0] for sample in old], [sample[0] for sample in new])
    with pytest.warns(DeprecationWarning, match="augment"):
        random_patch_reader(load_pairs([file], scale=2), np.random.default_rng(0), margin=6, count=1, turns=False)
    with pytest.warns(DeprecationWarning, match="view"):
        assert load_patches([file], margin=6, planes=rgb).pictures == 1
