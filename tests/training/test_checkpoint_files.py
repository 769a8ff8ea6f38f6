"""Files of checkpoints: good ones, and everything else that may have their names."""

import tracemalloc

import numpy as np
import pytest
from safetensors.numpy import save_file
from weight_files import HOSTILE_TENSORS, SMALL, file_size_limit, good_parameters, hostile_contents, noise

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint


def checkpoint_of_a_run():
    rng = np.random.default_rng(5)
    rng.normal(size=7)
    curve = (
        Point(0, 0, None, Score((1 / 3, 2.0), 7 / 6, 1.1)),
        Point(8, 1, 0.1 + 0.2, Score((30.0, 31.0), 30.5, 30.4)),
    )
    return Checkpoint(
        state=good_parameters(SMALL) | {"moment": noise(3)},
        random_state=rng.bit_generator.state,
        curve=curve,
        seconds=1 / 7,
        identity={"name": "baseline", "filters": [9, 1, 5], "data": {"train": {"patches": 8}}},
        parts=[{"epoch": 0, "commit": "abc"}],
    )


def test_checkpoint_reads_back_to_the_last_bit(tmp_path):
    saved = checkpoint_of_a_run()
    save_checkpoint(tmp_path / "c.safetensors", saved)
    loaded = load_checkpoint(tmp_path / "c.safetensors")
    assert loaded.epoch == 1
    for field in ("random_state", "curve", "seconds", "identity", "parts"):
        assert getattr(loaded, field) == getattr(saved, field)
    assert loaded.state.keys() == saved.state.keys()
    for name, value in saved.state.items():
        np.testing.assert_array_equal(loaded.state[name], value, strict=True)
    generators = np.random.default_rng(5), np.random.default_rng(6)
    generators[0].normal(size=7)
    generators[1].bit_generator.state = loaded.random_state
    assert generators[0].integers(1 << 62) == generators[1].integers(1 << 62)


def test_missing_checkpoint_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match=r"no .*c\.safetensors to resume from: start a new run") as caught:
        load_checkpoint(tmp_path / "c.safetensors")
    assert caught.value.about == "resume"


def test_truncated_checkpoint_is_refused_wherever_it_ends(tmp_path):
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, checkpoint_of_a_run())
    content = path.read_bytes()
    for length in range(0, len(content), 23):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match=r"c\.safetensors is no readable checkpoint"):
            load_checkpoint(path)


@pytest.mark.parametrize("metadata", [None, {"recipe": "x"}, {"checkpoint": "{"}, {"checkpoint": "{}"}])
def test_weights_are_no_checkpoint(tmp_path, metadata):
    save_file(good_parameters(SMALL), tmp_path / "c.safetensors", metadata=metadata)
    with pytest.raises(UserError, match=r"c\.safetensors is no readable checkpoint"):
        load_checkpoint(tmp_path / "c.safetensors")


def test_full_disk_leaves_the_old_file(tmp_path):
    """A limit on the size of files stands for the full disk."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"old")
    with file_size_limit(500), pytest.raises(UserError, match=r"w\.safetensors cannot be written"):
        save_checkpoint(path, checkpoint_of_a_run())
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("tensor", HOSTILE_TENSORS)
def test_sizes_in_the_header_are_not_believed(tmp_path, tensor):
    for content in hostile_contents(tensor):
        (tmp_path / "w.safetensors").write_bytes(content)
        tracemalloc.start()
        with pytest.raises(UserError, match=r"w\.safetensors"):
            load_checkpoint(tmp_path / "w.safetensors")
        assert tracemalloc.get_traced_memory()[1] < 10**6
        tracemalloc.stop()
