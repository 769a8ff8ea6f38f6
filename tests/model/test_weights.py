import json
import resource
import tracemalloc

import numpy as np
import pytest
from safetensors.numpy import save_file

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights, save_weights
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint


def noise(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def good_parameters(architecture):
    parameters = {}
    for i, shape in enumerate(architecture.weight_shapes, 1):
        parameters |= {f"conv{i}.weight": noise(*shape), f"conv{i}.bias": noise(shape[0])}
    return parameters


BASIC = Architecture((9, 1, 5), (64, 32))
SMALL = Architecture((3, 1, 3), (4, 2))


@pytest.mark.parametrize(
    "architecture", [BASIC, Architecture((9, 3, 5), (64, 32), 3), Architecture((3,) * 11, (2,) * 10)]
)
def test_weights_read_back_with_their_architecture(tmp_path, architecture):
    parameters = good_parameters(architecture)
    path = tmp_path / "new" / "w.safetensors"
    save_weights(path, Weights(architecture, parameters, {"recipe": "x", "scale": "1"}))
    loaded = load_weights(path)
    assert loaded.architecture == architecture
    assert loaded.metadata == {"recipe": "x", "scale": "1"}
    assert loaded.parameters.keys() == parameters.keys()
    for name, value in parameters.items():
        np.testing.assert_array_equal(loaded.parameters[name], value, strict=True)


def test_same_weights_are_the_same_bytes(tmp_path):
    metadata = {f"key{i}": str(i) for i in range(8)}
    for name in ("a", "b"):
        save_weights(tmp_path / name, Weights(SMALL, good_parameters(SMALL), metadata))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


CHANGES = {
    "a bias is missing": {"conv3.bias": None},
    "a weight is missing": {"conv2.weight": None},
    "a layer is missing": {"conv2.weight": None, "conv2.bias": None},
    "a foreign name": {"fc.weight": noise(1)},
    "nothing known": {name: None for name in good_parameters(SMALL)} | {"x": noise(1)},
    "layers that do not meet": {"conv2.weight": noise(2, 5, 1, 1)},
    "output unlike input": {"conv3.weight": noise(3, 2, 3, 3), "conv3.bias": noise(3)},
    "not square": {"conv1.weight": noise(4, 1, 3, 5)},
    "even": {"conv1.weight": noise(4, 1, 2, 2)},
    "no filter": {"conv1.weight": noise(0, 1, 3, 3), "conv1.bias": noise(0)},
    "flat": {"conv1.weight": noise(4)},
    "a number": {"conv2.weight": np.array(1, np.float32)},
    "bias of another length": {"conv1.bias": noise(5)},
    "bias of two dimensions": {"conv1.bias": noise(4, 1)},
    "double precision": {"conv1.weight": noise(4, 1, 3, 3).astype(np.float64)},
    "whole numbers": {"conv3.bias": np.zeros(1, np.int32)},
    "not a number": {"conv1.bias": np.array([0, np.nan, 0, 0], np.float32)},
    "infinite": {"conv3.weight": np.full((1, 2, 3, 3), np.inf, np.float32)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_tensors_are_refused_by_name(tmp_path, change):
    path = tmp_path / "w.safetensors"
    tensors = {name: value for name, value in (good_parameters(SMALL) | change).items() if value is not None}
    save_file(tensors, path)
    with pytest.raises(UserError) as caught:
        load_weights(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def raw_safetensors(dtype, size):
    header = json.dumps({"conv1.weight": {"dtype": dtype, "shape": [1, 1, 1, 1], "data_offsets": [0, size]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(size)


@pytest.mark.parametrize(
    "content", [b"", b"no weights at all\n" * 50, raw_safetensors("BF16", 2), raw_safetensors("F8_E4M3", 1)]
)
def test_other_files_are_refused_by_name(tmp_path, content):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"w\.safetensors (is no readable|does not hold)"):
        load_weights(path)


def test_truncated_weights_are_refused_wherever_they_end(tmp_path):
    path = tmp_path / "w.safetensors"
    save_weights(path, Weights(SMALL, good_parameters(SMALL), {"recipe": "x"}))
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(UserError, match=r"w\.safetensors"):
            load_weights(path)


def test_missing_weights_are_named_with_those_that_exist(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("nowhere", "nowhere.safetensors", str(tmp_path), "n" * 300):
        with pytest.raises(UserError, match=f"no weights {name}: ") as caught:
            load_weights(name)
        assert all(known in str(caught.value) for known in packaged_weights())


@pytest.mark.skipif(not packaged_weights(), reason="no weights come with the package")
def test_a_folder_does_not_hide_the_weights_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = packaged_weights()[0]
    (tmp_path / name).mkdir()
    assert load_weights(name).architecture.channels in (1, 3)


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
    with pytest.raises(UserError, match=r"no .*c\.safetensors to resume from.*--resume"):
        load_checkpoint(tmp_path / "c.safetensors")


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
    weights, checkpoint = Weights(BASIC, good_parameters(BASIC), {}), checkpoint_of_a_run()
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"old")
    for save in (lambda: save_weights(path, weights), lambda: save_checkpoint(path, checkpoint)):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
        try:
            with pytest.raises(UserError, match=r"w\.safetensors cannot be written"):
                save()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("channels", "colour", "space"),
    [(1, "luma", "y"), (3, "RGB", "rgb"), (3, "YCbCr (MATLAB's)", "ycbcr"), (3, None, "rgb")],
)
def test_space_follows_from_channels_and_colour(channels, colour, space):
    metadata = {"colour": colour} if colour else {}
    assert Weights(Architecture((9, 1, 5), (64, 32), channels), {}, metadata).space == space


@pytest.mark.parametrize(
    "tensor",
    [
        {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]},
        {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2**63, 4], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2, -1], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [0, 10**12], "data_offsets": [0, 0]},
        {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]},
        {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]},
    ],
)
@pytest.mark.parametrize("load", [load_weights, load_checkpoint])
def test_sizes_in_the_header_are_not_believed(tmp_path, tensor, load):
    path = tmp_path / "w.safetensors"
    for length in (None, 2**32 - 1, 2**63, 2**64 - 1):
        header = json.dumps({"conv1.weight": tensor, "__metadata__": {"a": "b"}}).encode()
        path.write_bytes((length or len(header)).to_bytes(8, "little") + header + bytes(8))
        tracemalloc.start()
        with pytest.raises(UserError, match=r"w\.safetensors"):
            load(path)
        assert tracemalloc.get_traced_memory()[1] < 10**6
        tracemalloc.stop()


def test_layers_without_end_are_refused(tmp_path):
    network = Architecture((3, *[1] * 97, 3), (2,) * 98)
    save_weights(tmp_path / "deep.safetensors", Weights(network, good_parameters(network), {}))
    with pytest.raises(UserError, match=r"deep\.safetensors has 99 layers, more than the 16"):
        load_weights(tmp_path / "deep.safetensors")


@pytest.mark.parametrize(("filters", "width"), [((65, 1, 3), 2), ((3, 1, 3), 1025)])
def test_filters_beyond_all_reason_are_refused(tmp_path, filters, width):
    network = Architecture(filters, (width, 2))
    save_weights(tmp_path / "wide.safetensors", Weights(network, good_parameters(network), {}))
    with pytest.raises(UserError, match=r"wide\.safetensors has filters of"):
        load_weights(tmp_path / "wide.safetensors")


def test_file_of_gigabytes_is_refused_unread(tmp_path):
    with (tmp_path / "huge.safetensors").open("wb") as file:
        file.truncate(10**10)  # takes no room on the disk
    with pytest.raises(UserError, match=r"huge\.safetensors has more than 100 MB"):
        load_weights(tmp_path / "huge.safetensors")
