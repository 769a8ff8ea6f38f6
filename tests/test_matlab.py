"""The authors' weights: their layout, and what does not have it."""

import io
import pickle

import cv2
import numpy as np
import pytest
from helpers import needs_paddle
from scipy.io import savemat

from paddle_srcnn import __main__ as package_command
from paddle_srcnn.errors import UserError
from paddle_srcnn.matlab import load_matlab_weights
from paddle_srcnn.weights import load_weights

SIDES, WIDTHS = (9, 5, 5), (6, 4)


def matlab_arrays(sides=SIDES, widths=WIDTHS):
    """Asymmetric filters in the authors' layout."""
    rng = np.random.default_rng(0)
    f1, f2, f3 = sides
    n1, n2 = widths
    shapes = {
        "weights_conv1": (f1 * f1, n1),
        "biases_conv1": (n1, 1),
        "weights_conv2": (n1, f2 * f2, n2),
        "biases_conv2": (n2, 1),
        "weights_conv3": (n2, f3 * f3),
        "biases_conv3": (1, 1),
    }
    return {name: rng.normal(0, 0.1, shape) for name, shape in shapes.items()}


def restored_as_the_authors_do(arrays, picture, sides=SIDES):
    """Layer by layer, filter by filter: MATLAB's `reshape` is column by column, its `imfilter` correlates."""

    def correlated(plane, column):
        side = int(len(column) ** 0.5)
        kernel = column.reshape(side, side, order="F")
        return cv2.filter2D(plane, cv2.CV_64F, kernel, borderType=cv2.BORDER_REPLICATE)

    w1, w2, w3 = (arrays[f"weights_conv{layer}"] for layer in (1, 2, 3))
    b1, b2, b3 = (arrays[f"biases_conv{layer}"].ravel() for layer in (1, 2, 3))
    first = [np.maximum(correlated(picture, w1[:, i]) + b1[i], 0) for i in range(w1.shape[1])]
    second = [
        np.maximum(sum(correlated(first[j], w2[j, :, i]) for j in range(len(first))) + b2[i], 0)
        for i in range(w2.shape[2])
    ]
    return sum(correlated(second[i], w3[i]) for i in range(len(second))) + b3[0]


@needs_paddle
@pytest.mark.parametrize("sides", [(9, 5, 5), (9, 1, 5), (11, 1, 7), (9, 3, 1)])
@pytest.mark.parametrize("shape", [(40, 33), (5, 70), (90, 150)])
def test_restores_as_the_authors_program_does(tmp_path, sides, shape):
    from paddle_srcnn.backend import choose_place
    from paddle_srcnn.whole_pictures import WholePictures

    arrays = matlab_arrays(sides)
    savemat(tmp_path / "x3.mat", arrays)
    weights = load_weights(tmp_path / "x3.mat")
    assert (weights.architecture.filters, weights.architecture.widths) == (sides, WIDTHS)
    assert (weights.metadata["protocol"], weights.value_range) == ("paper", 1.0)
    picture = np.random.default_rng(1).random(shape)
    expected = restored_as_the_authors_do(arrays, picture)
    restore = WholePictures(weights.architecture, choose_place("cpu"), weights.parameters, value_range=1.0)
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
