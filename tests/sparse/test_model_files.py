"""Files of models for sparse coding."""

import numpy as np
import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import PRETRAINED, packaged_weights
from paddle_srcnn.sparse.anchored import Anchors
from paddle_srcnn.sparse.files import is_sparse_model, load_model, packaged_models, save_model
from paddle_srcnn.sparse.l1 import Dictionaries
from paddle_srcnn.system.files import write_safetensors

RNG = np.random.default_rng(0)


def numbers(*shape):
    return RNG.normal(size=shape).astype(np.float32)


MODELS = {
    "l1": Dictionaries(2, numbers(144, 5), numbers(7, 5), numbers(7, 36)),
    "anchored": Anchors(3, numbers(324, 5), numbers(7, 5), numbers(7, 5, 81)),
}


@pytest.mark.parametrize("method", MODELS)
def test_model_comes_back(method, tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, MODELS[method], {"train": "T91"})
    loaded = load_model(path)
    assert is_sparse_model(path)
    assert type(loaded.model) is type(MODELS[method])
    for name, value in vars(MODELS[method]).items():
        np.testing.assert_array_equal(getattr(loaded.model, name), value)
    assert loaded.metadata == {"train": "T91", "method": method, "scale": str(loaded.scale), "protocol": "paper"}
    assert f"({method}, 7 " in loaded.title


ARRAYS = {"projection": numbers(324, 5), "low": numbers(7, 5), "high": numbers(7, 81)}
METADATA = {"method": "l1", "scale": "3"}


@pytest.mark.parametrize(
    ("arrays", "metadata", "message"),
    [
        (ARRAYS, {**METADATA, "method": "l2"}, "names no method"),
        (ARRAYS, {**METADATA, "scale": "5"}, "names no method and scale"),
        (ARRAYS, {**METADATA, "scale": "2"}, "do not make a model `l1` at x2"),
        (ARRAYS, {**METADATA, "method": "anchored"}, "do not make a model `anchored`"),
        ({**ARRAYS, "high": numbers(6, 81)}, METADATA, "do not make a model"),
        ({**ARRAYS, "low": numbers(7)}, METADATA, "do not make a model"),
        ({**ARRAYS, "more": numbers(1)}, METADATA, "do not make a model"),
        ({**ARRAYS, "high": np.full((7, 81), np.nan, np.float32)}, METADATA, "not finite"),
        ({**ARRAYS, "high": np.zeros((7, 81))}, METADATA, "not finite float32"),
    ],
)
def test_other_files_are_refused(arrays, metadata, message, tmp_path):
    path = tmp_path / "model.safetensors"
    write_safetensors(path, arrays, metadata)
    with pytest.raises(UserError, match=message) as refused:
        load_model(path)
    assert str(path) in str(refused.value)


def test_networks_and_broken_files_are_no_models(tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"no")
    assert not is_sparse_model(broken)
    assert not is_sparse_model("absent")
    assert not any(is_sparse_model(name) for name in packaged_weights())
    with pytest.raises(UserError, match="no readable safetensors"):
        load_model(broken)
    with pytest.raises(UserError, match="no model absent"):
        load_model("absent")


def test_packaged_models_load_and_are_small():
    for name in packaged_models():
        assert not (PRETRAINED / f"{name}.safetensors").exists(), "a network has this name"
        model = load_model(name)
        assert name == f"sparse_{model.metadata['method']}_x{model.scale}"
        assert sum(array.nbytes for array in vars(model.model).values() if isinstance(array, np.ndarray)) < 2_000_000
