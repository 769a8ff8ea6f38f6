"""Files of weights: good ones, and everything else that may have their names."""

import json
import tracemalloc

import numpy as np
import pytest
from safetensors.numpy import save_file
from weight_files import HOSTILE_TENSORS, SMALL, file_size_limit, good_parameters, hostile_contents, noise

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights, save_weights

BASIC = Architecture((9, 1, 5), (64, 32))


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


def test_full_disk_leaves_the_old_file(tmp_path):
    """A limit on the size of files stands for the full disk."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(b"old")
    with file_size_limit(500), pytest.raises(UserError, match=r"w\.safetensors cannot be written"):
        save_weights(path, Weights(BASIC, good_parameters(BASIC), {}))
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("channels", "metadata", "space"),
    [
        (1, {"colour": "luma"}, "y"),
        (3, {"colour": "RGB"}, "rgb"),
        (3, {"colour": "YCbCr (MATLAB's)"}, "ycbcr"),
        (3, {}, "rgb"),
        (3, {"space": "ycbcr"}, "ycbcr"),
        (3, {"space": "rgb", "colour": "YCbCr (MATLAB's)"}, "rgb"),
    ],
)
def test_space_is_in_the_metadata_or_follows_from_the_description(channels, metadata, space):
    assert Weights(Architecture((9, 1, 5), (64, 32), channels), {}, metadata).space == space


@pytest.mark.parametrize(("key", "value"), [("space", "lab"), ("value_range", "0..2")])
def test_unknown_metadata_are_refused(tmp_path, key, value):
    path = tmp_path / "w.safetensors"
    save_weights(path, Weights(SMALL, good_parameters(SMALL), {key: value}))
    with pytest.raises(UserError, match=rf"w\.safetensors is for .*{value}"):
        load_weights(path)


@pytest.mark.parametrize("tensor", HOSTILE_TENSORS)
def test_sizes_in_the_header_are_not_believed(tmp_path, tensor):
    for content in hostile_contents(tensor):
        (tmp_path / "w.safetensors").write_bytes(content)
        tracemalloc.start()
        with pytest.raises(UserError, match=r"w\.safetensors"):
            load_weights(tmp_path / "w.safetensors")
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
