"""The authors' weights: their layout, and what does not have it."""

import io
import pickle
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from helpers import needs_paddle
from matlab_files import WIDTHS, matlab_arrays, matrix, restored_as_the_authors_do, write_matlab
from scipy.io import savemat

from paddle_srcnn.commands import weights as package_command
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_matlab_weights, load_weights


@needs_paddle
@pytest.mark.parametrize("sides", [(9, 5, 5), (9, 1, 5), (11, 1, 7), (9, 3, 1)])
@pytest.mark.parametrize("shape", [(40, 33), (5, 70), (90, 150)])
def test_restores_as_the_authors_program_does(tmp_path, sides, shape):
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    arrays = matlab_arrays(sides)
    savemat(tmp_path / "x3.mat", arrays)
    weights = load_weights(tmp_path / "x3.mat")
    assert (weights.architecture.filters, weights.architecture.widths) == (sides, WIDTHS)
    assert (weights.metadata["protocol"], weights.value_range) == ("paper", 1.0)
    picture = np.random.default_rng(1).random(shape)
    expected = restored_as_the_authors_do(arrays, picture)
    restore = restorer(weights, choose_device("cpu"), padding="replicate", threads=1)
    np.testing.assert_allclose(restore(255 * picture[np.newaxis])[0] / 255, expected, rtol=1e-4, atol=2e-5)


def test_converted_weights_are_the_same(tmp_path, monkeypatch, capsys):
    savemat(tmp_path / "x3.mat", matlab_arrays(), do_compression=True)
    arguments = ["convert", str(tmp_path / "x3.mat"), str(tmp_path / "x3.safetensors"), "--scale", "3"]
    monkeypatch.setattr("sys.argv", ["paddle_srcnn", *arguments])
    package_command.main()
    assert "SRCNN 9-5-5" in capsys.readouterr().out
    before, after = load_weights(tmp_path / "x3.mat"), load_weights(tmp_path / "x3.safetensors")
    assert after.architecture == before.architecture
    assert after.metadata == {**before.metadata, "scale": "3"}
    for name, value in before.parameters.items():
        np.testing.assert_array_equal(after.parameters[name], value)
    with pytest.raises(UserError, match="exists already"):
        package_command.main()


def changed(**changes):
    return {name: value for name, value in {**matlab_arrays(), **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("arrays", "named"),
    [
        ({"a": np.zeros(3)}, "lacks weights_conv1"),
        (changed(biases_conv2=None), "lacks biases_conv2"),
        (changed(weights_conv1=np.zeros((80, 6))), "shapes"),
        (changed(weights_conv2=np.zeros((6, 25))), "shapes"),
        (changed(weights_conv2=np.zeros((5, 25, 4))), "do not make an SRCNN"),
        (changed(weights_conv3=np.zeros((4, 16))), "do not make an SRCNN"),
        (changed(biases_conv1=np.zeros((5, 1))), "do not make an SRCNN"),
        (changed(weights_conv1=np.full((81, 6), np.nan)), "not finite"),
        (changed(weights_conv1=np.full((81, 6), 1e300)), "not finite"),
        (changed(weights_conv1=np.full((81, 6), 1j)), "no real numbers"),
        (changed(weights_conv1="text"), "no real numbers"),
        (changed(weights_conv1={"a": 1}), "no real numbers"),
        (changed(weights_conv1=np.zeros((4000, 4000))), "larger than any SRCNN"),
    ],
)
def test_what_has_another_layout_is_named(tmp_path, arrays, named):
    savemat(tmp_path / "w.mat", arrays, do_compression=True)
    with pytest.raises(UserError, match=named) as caught:
        load_matlab_weights(tmp_path / "w.mat")
    assert str(tmp_path / "w.mat") in str(caught.value)


def test_damaged_files_are_named(tmp_path):
    buffer = io.BytesIO()
    savemat(buffer, matlab_arrays())
    content = buffer.getvalue()
    rng = np.random.default_rng(0)
    damaged = [b"", b"\x89HDF\r\n\x1a\n" + bytes(600), b"text" * 300, pickle.dumps({"a": 1}) * 50]
    compressed = io.BytesIO()
    savemat(compressed, matlab_arrays(), do_compression=True)
    damaged += [content[:length] for length in range(1, len(content), 997)]
    for number in range(120):
        flipped = bytearray(content if number % 2 else compressed.getvalue())
        for place in rng.integers(0, 3000, 4):
            flipped[place] = rng.integers(0, 256)
        damaged.append(bytes(flipped))
    for content in damaged:
        (tmp_path / "w.mat").write_bytes(content)
        try:
            load_matlab_weights(tmp_path / "w.mat")
        except UserError as error:
            assert str(tmp_path / "w.mat") in str(error)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"none\.mat"):
        load_weights(tmp_path / "none.mat")


@pytest.mark.parametrize("kind", [0, 8, 14, 16, 33, 255, 60000])
def test_unknown_types_of_numbers_are_refused(tmp_path, kind):
    """SciPy takes them for places in its memory."""
    write_matlab(tmp_path / "w.mat", matrix("weights_conv1", (1, 1), struct.pack("<IId", kind, 8, 1.0)))
    with pytest.raises(UserError, match=r"w\.mat.*no real numbers"):
        load_matlab_weights(tmp_path / "w.mat")


@pytest.mark.parametrize(
    ("shape", "claimed"), [((10**6, 10**6), 8), ((2**31 - 1, 2**31 - 1), 2**32 - 1), ((1, 1), 2**32 - 8), ((-1, 7), 16)]
)
@pytest.mark.parametrize("compressed", [False, True])
def test_sizes_are_not_believed(tmp_path, shape, claimed, compressed):
    element = matrix("weights_conv1", shape, struct.pack("<IId", 9, claimed, 1.0))
    if compressed:
        data = zlib.compress(element)
        element = struct.pack("<II", 15, len(data)) + data
    write_matlab(tmp_path / "w.mat", element)
    tracemalloc.start()
    with pytest.raises(UserError, match=r"w\.mat is no readable MATLAB file"):
        load_matlab_weights(tmp_path / "w.mat")
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()


def test_what_inflates_without_end_is_refused(tmp_path):
    data = zlib.compress(bytes(300_000_000), 9)
    write_matlab(tmp_path / "w.mat", struct.pack("<II", 15, len(data)) + data)
    with pytest.raises(UserError, match=r"w\.mat is larger than any SRCNN"):
        load_matlab_weights(tmp_path / "w.mat")


@pytest.mark.parametrize("flags", [1, 2, 3, 4, 5, 16, 17, 18, 6 | 0x800, 9 | 0x200])
def test_cells_objects_sparse_arrays_and_functions_are_not_looked_into(tmp_path, flags):
    parts = matrix("nested", (1, 1), pickle.dumps(print), flags=16)
    write_matlab(tmp_path / "w.mat", matrix("weights_conv1", (1, 1), parts, flags=flags))
    with pytest.raises(UserError, match=r"w\.mat: weights_conv1 holds no real numbers"):
        load_matlab_weights(tmp_path / "w.mat")


def test_number_of_dimensions_is_checked(tmp_path):
    arrays = {**matlab_arrays(), "weights_conv2": np.zeros(150)}
    elements = [
        matrix(name, value.shape, struct.pack("<II", 9, value.nbytes) + value.tobytes())
        for name, value in arrays.items()
    ]
    write_matlab(tmp_path / "w.mat", *elements)
    with pytest.raises(UserError, match=r"w\.mat: shapes \(81, 6\), \(150,\)"):
        load_matlab_weights(tmp_path / "w.mat")


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u2", "i4"])
def test_every_type_of_number_is_read(tmp_path, dtype, compressed):
    arrays = {name: np.rint(100 * value).astype(dtype) for name, value in matlab_arrays().items()}
    savemat(tmp_path / "w.mat", {**arrays, "other": {"a": ["b"]}}, do_compression=compressed)
    first = load_matlab_weights(tmp_path / "w.mat").parameters["conv1.weight"]
    np.testing.assert_array_equal(first[2, 0], arrays["weights_conv1"][:, 2].reshape(9, 9, order="F"))
