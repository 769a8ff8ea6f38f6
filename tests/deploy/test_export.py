"""Networks written for other programs do there what they do here."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from helpers import ROOT, assert_one_line, contents, needs_paddle
from PIL import Image
from skimage import data as photographs

from paddle_srcnn.commands import weights as package_command
from paddle_srcnn.deploy import export
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.espcn import Espcn
from paddle_srcnn.model.weights import Weights, save_weights

NETWORKS = {
    "luma": (Architecture((9, 1, 5), (64, 32)), {"colour": "luma, full range (OpenCV's YCrCb)", "protocol": "article"}),
    "colour": (
        Architecture((5, 3, 1), (6, 4), 3),
        {"colour": "RGB", "protocol": "paper", "scale": "3", "value_range": "0..1"},
    ),
    "small": (
        Espcn(3, "tanh", (5, 3, 3), (6, 4)),
        {"protocol": "paper", "scale": "3", "value_range": "0..1", "network": "espcn", "activation": "tanh"},
    ),
    "deep": (Drcn(4, 2), {"protocol": "paper", "scale": "3", "value_range": "0..1", "network": "drcn"}),
}
SIZES = [(1, 1), (13, 40), (80, 75)]


def weights_of(name):
    network, metadata = NETWORKS[name]
    rng = np.random.default_rng(0)
    unit = 1 if "value_range" in metadata else 255
    parameters = {}
    for layer, shape in enumerate(network.weight_shapes, 1):
        parameters[f"conv{layer}.weight"] = rng.normal(0, shape[1] ** -0.5 / shape[-1], shape).astype(np.float32)
        parameters[f"conv{layer}.bias"] = rng.normal(0, 0.1 * unit, shape[0]).astype(np.float32)
    return Weights(network, parameters, metadata)


def needs(to):
    if to == "onnx":
        for library in ("onnx", "onnxruntime"):
            pytest.importorskip(library, reason=f"needs {library}: pip install '.[onnx]'")


def run_file(file, image):
    """What a program that knows nothing of this package makes of an exported network."""
    if file.suffix == ".onnx":
        import onnxruntime

        return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(["output"], {"input": image})
    from paddle import inference

    config = inference.Config(str(file), str(file.with_suffix(".pdiparams")))
    config.disable_glog_info()
    predictor = inference.create_predictor(config)
    predictor.get_input_handle("input").copy_from_cpu(image)
    predictor.run()
    return [predictor.get_output_handle("output").copy_to_cpu()]


@pytest.fixture
def weights_file(tmp_path):
    return lambda name: save_weights(path := tmp_path / f"{name}.safetensors", weights_of(name)) or path


@needs_paddle
@pytest.mark.end_to_end
@pytest.mark.parametrize("to", ["paddle", "onnx"])
@pytest.mark.parametrize("name", NETWORKS)
def test_exported_network_restores_as_it_does_here(command, weights_file, tmp_path, name, to):
    needs(to)
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    out = tmp_path / "out"
    status, stdout, stderr = command(package_command, "export", weights_file(name), "--to", to, "--out", out)
    assert (status, stderr, stdout.count("\n")) == (0, "", 1)
    (file,) = (path for path in out.iterdir() if path.suffix != ".pdiparams")
    assert (file.stem, len(contents(out))) == (name, {"paddle": 2, "onnx": 1}[to])
    assert float(re.fullmatch(rf"{re.escape(str(file))}: .* (\S+) on 0\.\.1\n", stdout)[1]) <= 1e-4
    weights = weights_of(name)
    network = weights.architecture
    restore = restorer(weights, choose_device("cpu"), padding="replicate", threads=1)
    for size in SIZES:
        batch = np.random.default_rng(1).random((2, network.channels, *size), np.float32)
        (restored,) = run_file(file, batch)
        expected = np.stack([restore(255 * image) / 255 for image in batch])
        assert np.ptp(expected) > 0.02  # not all the same
        np.testing.assert_allclose(restored, expected, rtol=0, atol=1e-4)


@needs_paddle
@pytest.mark.end_to_end
def test_programs_of_paddle_2_are_exported(weights_file, tmp_path):
    """Paddle 3 builds them if told to; the command itself compares what they do."""
    line = [sys.executable, "-m", "paddle_srcnn", "export", weights_file("luma"), "--to", "paddle", "--out", tmp_path]
    environment = {**os.environ, "FLAGS_enable_pir_api": "0"}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(": ")[0]) == (0, str(tmp_path / "luma.pdmodel")), done.stderr
    assert (tmp_path / "luma.pdiparams").is_file()


@needs_paddle
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("luma", ["luma, full", "SRCNN 9-1-5"]),
        ("colour", ["RGB", "enlarged 3 times"]),
        ("small", ["ESPCN 5-3-3", "Input: a picture, (N, 1, H, W)", "3 times as high"]),
    ],
)
def test_onnx_file_says_what_it_is(weights_file, name, words):
    needs("onnx")
    import onnx

    weights = weights_of(name)
    model = onnx.load_from_string(export.onnx_model(weights).files[".onnx"])
    assert {prop.key: prop.value for prop in model.metadata_props} == {**weights.metadata, "value_range": "0..1"}
    for word in [weights.architecture.name, "divided by 255", *words]:
        assert word in model.doc_string
    operators = {
        "luma": ["Pad", "Conv", "Relu", "Conv", "Relu", "Pad", "Conv"],
        "colour": ["Pad", "Conv", "Relu", "Pad", "Conv", "Relu", "Conv"],
        "small": ["Pad", "Conv", "Tanh", "Pad", "Conv", "Tanh", "Pad", "Conv", "DepthToSpace"],
    }
    assert [node.op_type for node in model.graph.node] == operators[name]


@needs_paddle
@pytest.mark.parametrize("to", ["paddle", "onnx"])
@pytest.mark.parametrize("before", [{}, {"luma.json": b"1", "luma.pdiparams": b"2", "luma.onnx": b"3"}])
def test_what_fails_its_check_is_not_written(command, weights_file, tmp_path, monkeypatch, to, before):
    needs(to)
    arguments = ["export", weights_file("luma"), "--to", to, "--out", tmp_path / "out"]
    for file, content in before.items():
        (tmp_path / "out").mkdir(exist_ok=True)
        (tmp_path / "out" / file).write_bytes(content)

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export, "unit_parameters", lambda weights: weights.parameters)
        assert_one_line(command(package_command, *arguments), "weights", "differs", to)
    with monkeypatch.context() as patch:
        patch.setattr(export, "largest_difference", lambda *_: float("nan"))
        assert_one_line(command(package_command, *arguments), "weights", "nan")
    monkeypatch.setattr(export, "largest_difference", interrupted)
    assert command(package_command, *arguments)[0] == 130
    assert contents(tmp_path / "out") == before


@needs_paddle
@pytest.mark.parametrize("to", ["paddle", "onnx"])
def test_another_network_is_not_replaced(command, weights_file, tmp_path, to):
    """As that of another run, whose weights have the same name."""
    needs(to)
    arguments = ["export", weights_file("luma"), "--to", to, "--out", tmp_path / "out"]
    assert command(package_command, *arguments)[0] == 0
    written = contents(tmp_path / "out")
    assert command(package_command, *arguments)[0] == 0
    weights_file("colour").replace(arguments[1])
    assert_one_line(command(package_command, *arguments), "weights", "is there already", "--out")
    assert contents(tmp_path / "out") == written


@needs_paddle
def test_two_files_are_written_both_or_neither(command, weights_file, tmp_path):
    (tmp_path / "out" / "luma.pdiparams").mkdir(parents=True)
    arguments = ["export", weights_file("luma"), "--to", "paddle", "--out", tmp_path / "out"]
    assert_one_line(command(package_command, *arguments), "weights", "luma.pdiparams is a folder")
    assert contents(tmp_path / "out") == {}


@needs_paddle
def test_without_onnx_runtime_the_file_is_called_unchecked(command, weights_file, tmp_path, monkeypatch):
    pytest.importorskip("onnx", reason="needs onnx: pip install '.[onnx]'")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    arguments = ["export", weights_file("luma"), "--to", "onnx", "--out", tmp_path / "out"]
    status, stdout, _ = command(package_command, *arguments)
    assert (status, "not checked" in stdout) == (0, True)
    assert contents(tmp_path / "out").keys() == {"luma.onnx"}


def test_without_onnx_one_line_says_what_to_install(command, weights_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    arguments = ["export", weights_file("luma"), "--to", "onnx", "--out", tmp_path / "out"]
    assert_one_line(command(package_command, *arguments), "weights", "not installed", "'paddle-srcnn[onnx]'")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": "nosuch"}, ["nosuch", "baseline"]),
        ({"weights": "nosuch.safetensors"}, ["nosuch.safetensors"]),
        ({"--to": "torch"}, ["--to", "torch"]),
        ({"--to": None}, ["--to"]),
        ({"--out": None}, ["--out"]),
        ({"--out": ""}, ["path is empty"]),
    ],
)
def test_wrong_options_are_one_line(command, changes, words):
    options = {"weights": "baseline", "--to": "paddle", "--out": "out"} | changes
    weights = options.pop("weights")
    arguments = [text for option in options.items() if option[1] is not None for text in option]
    assert_one_line(command(package_command, "export", weights, *arguments), "weights", *words)


@needs_paddle
@pytest.mark.parametrize("to", ["paddle", "onnx"])
def test_unwritable_out_is_one_line(command, weights_file, tmp_path, to):
    needs(to)
    (tmp_path / "file").write_text("no folder")
    arguments = ["export", weights_file("luma"), "--to", to, "--out", tmp_path / "file" / "out"]
    assert_one_line(command(package_command, *arguments), "weights", tmp_path / "file" / "out")


@needs_paddle
def test_script_of_the_docs_upscales_an_image(tmp_path):
    """The network halves luma, of 16..235, and adds a quarter: what comes out of the script is known."""
    needs("onnx")
    page = (ROOT / "docs" / "use-elsewhere.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert "paddle" not in script
    (name,) = re.findall(r'"models/(.+)\.onnx"', script)
    network = Architecture((3, 1), (1,))
    kernel = np.zeros((1, 1, 3, 3), np.float32)
    kernel[..., 1, 1] = 0.5
    parameters = {
        "conv1.weight": kernel,
        "conv1.bias": np.zeros(1, np.float32),
        "conv2.weight": np.ones((1, 1, 1, 1), np.float32),
        "conv2.bias": np.full(1, 0.25, np.float32),
    }
    weights = Weights(network, parameters, {"value_range": "0..1", "protocol": "paper"})
    export.export(weights, "onnx", tmp_path / "models" / name)
    small = Image.fromarray(photographs.camera()[100:131, 150:190])
    small.save(tmp_path / "small.png")
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env={**os.environ, "PYTHONPATH": ""}, check=True)
    enlarged = np.asarray(small.resize((120, 93), Image.Resampling.BICUBIC), float)
    expected = (((16 + enlarged * 219 / 255) / 2 + 255 / 4) - 16) * 255 / 219
    with Image.open(tmp_path / "large.png") as large:
        assert large.mode == "RGB"
        assert np.abs(np.moveaxis(np.asarray(large, float), -1, 0) - expected).max() < 2
