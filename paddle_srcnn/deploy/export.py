"""Networks for use without this package, in ONNX or in Paddle's format for inference: images of any size, on 0..1.

Before the package writes a network, its own runtime runs it. The package compares the output with the network's here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from skimage import data as photographs

from paddle_srcnn import __version__
from paddle_srcnn.deploy.onnx_graph import OnnxOperations
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.system.files import atomic_path, is_file

__all__ = ["FORMATS", "Exported", "export", "onnx_content", "onnx_model", "paddle_model"]

Run = Callable[[np.ndarray], np.ndarray]

TOLERANCE = 1e-4  # largest difference, on 0..1, that float rounding may make
CHECKED_SIZE = (97, 131)  # larger than a window of the inference program, and odd
INPUT, OUTPUT = "input", "output"
OPSET, IR_VERSION = 17, 8  # of ONNX 1.12 (2022): new enough for all operators here; runtimes since then read it


@dataclass(frozen=True)
class Exported:
    """A network in another format, not written yet.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by suffix. The first file is the one that a program opens.
    run : callable or None
        The network in the format's own runtime: maps an (N, C, H, W) array of float32 to another. None if the runtime
        is not installed.
    """

    files: Mapping[str, bytes]
    run: Run | None


def export(weights: Weights, to: str, path: Path) -> tuple[Path, float | None]:
    """Write a network in another format.

    Its input and output are (N, C, H, W) float32 on 0..1, of one size unless the network itself upscales: each layer
    repeats the border.

    Parameters
    ----------
    weights : Weights
    to : {"paddle", "onnx"}
    path : Path
        Path of the files, without suffix.

    Returns
    -------
    file : Path
    difference : float or None
        Largest difference, on 0..1, from the network's output here for a photograph. None if the format's runtime is
        not installed.

    Raises
    ------
    UserError
        If the format's library is not installed, if the outputs differ, if the files cannot be written, or if other
        files have their names.
    """
    exported = FORMATS[to](weights)
    difference = None if exported.run is None else largest_difference(weights, exported.run)
    if difference is not None and not difference <= TOLERANCE:  # NaN compares as false
        raise UserError(
            f"the {to} model of {path.name} differs by {difference:.1e} from the network as it runs here, more than "
            f"{TOLERANCE:g}: nothing was written; export with other versions of its libraries"
        )
    paths = [path.with_name(path.name + suffix) for suffix in exported.files]
    for file, content in zip(paths, exported.files.values(), strict=True):
        if is_file(file) and file.read_bytes() != content:
            raise UserError(
                f"{file} is there already, and is not this network: move it away, or choose another folder", about="out"
            )
    with ExitStack() as stack:  # renames the files in reverse order, when all are complete
        for file, content in zip(paths, exported.files.values(), strict=True):
            stack.enter_context(atomic_path(file)).write_bytes(content)
    return paths[0], difference


def largest_difference(weights: Weights, run: Run) -> float:
    """Return the largest difference, on 0..1, between the outputs of two networks for a photograph.

    Parameters
    ----------
    weights : Weights
        The network as it runs here.
    run : callable
        The exported network.
    """
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    channels, (height, width) = weights.architecture.channels, CHECKED_SIZE
    restore = restorer(weights, choose_device("cpu"), padding="replicate", threads=1)
    photograph = photographs.camera()[100:, 150:]
    image = np.stack([photograph[channel : channel + height, :width] for channel in range(channels)])  # all different
    image = image.astype(np.float32)
    difference = run(image[np.newaxis] / np.float32(255))[0] - restore(image) / 255
    return float(np.abs(difference).max())


def unit_parameters(weights: Weights) -> dict[str, np.ndarray]:
    """Convert parameters to those of the same network on 0..1: with ReLU, only the biases depend on the unit.

    Networks with another function than ReLU are for 0..1 already.
    """
    unit = np.float32(weights.value_range)
    return {name: value / unit if name.endswith("bias") else value for name, value in weights.parameters.items()}


def paddle_model(weights: Weights) -> Exported:
    """Export a network in Paddle's format for inference, which `paddle.inference.create_predictor` loads."""
    from paddle_srcnn.static.backend import choose_device, paddle
    from paddle_srcnn.static.guest import under_construction
    from paddle_srcnn.static.inference_program import plain_program
    from paddle_srcnn.static.layers import ALL_BORDERS
    from paddle_srcnn.static.session import load_network

    program, (x, y), session = plain_program(
        weights.architecture, choose_device("cpu"), unit_parameters(weights), borders=ALL_BORDERS
    )
    with tempfile.TemporaryDirectory() as folder:
        if of_paddle_2 := isinstance(y, paddle.static.Variable):  # the type of variables in Paddle 2's programs alone
            with under_construction(program, paddle.static.Program()):
                y = paddle.assign(y, program.global_block().create_var(name=OUTPUT, dtype=y.dtype, shape=y.shape))
        path = Path(folder, "model")
        session.save(path, program, (x, y))
        model, values = path.with_suffix(".pdmodel" if of_paddle_2 else ".json"), path.with_suffix(".pdiparams")
        if not of_paddle_2:
            model.write_bytes(_with_named_output(model.read_bytes()))
        files = {file.suffix: file.read_bytes() for file in (model, values)}
        return Exported(files, load_network(model, values))


def _with_named_output(model: bytes) -> bytes:
    """Rename the output in a saved program of Paddle 3.

    Paddle 3.3 lets only variables that outlive a run have names, and saves these with the parameters. An argument of
    `save_inference_model` for the name would replace this function.
    """
    return model.replace(b'"fetch_name_0"', f'"{OUTPUT}"'.encode())


def onnx_model(weights: Weights) -> Exported:
    """Export a network as a graph of ONNX."""
    content = onnx_content(weights)
    return Exported({".onnx": content}, onnx_session(content))


def onnx_content(weights: Weights, *, replicate: bool = True) -> bytes:
    """Return the contents of an ONNX file; with `replicate` each layer repeats the border."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise UserError("ONNX is not installed: run `pip install 'paddle-srcnn[onnx]'`") from None
    helper, network = onnx.helper, weights.architecture
    times = "" if network.factor == 1 else network.factor
    inputs, outputs = (
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N", network.channels, *size])]
        for name, size in ((INPUT, "HW"), (OUTPUT, (f"{times}H", f"{times}W")))
    )
    description = describe(weights)
    operations = OnnxOperations(network.filters, replicate=replicate)
    network.outputs(operations, INPUT)
    operations.nodes[-1].output[0] = OUTPUT
    nodes, arrays = operations.nodes, {**unit_parameters(weights), **operations.constants}
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, network.title.split()[0], inputs, outputs, tensors, doc_string=description)
    model = helper.make_model(
        graph,
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="paddle-srcnn",
        producer_version=__version__,
        doc_string=description,
    )
    helper.set_model_props(model, dict(sorted({**weights.metadata, "value_range": "0..1"}.items())))
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString()


def onnx_session(content: bytes) -> Run | None:
    """Load a model into ONNX Runtime; return None if that is not installed."""
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        return None
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return lambda images: session.run([OUTPUT], {INPUT: images})[0]


def describe(weights: Weights) -> str:
    """Describe the network's input and output in a sentence or two."""
    metadata, network = weights.metadata, weights.architecture
    colour = metadata.get("colour", "luma" if network.channels == 1 else f"{network.channels} channels")
    factor = f" {metadata['scale']} times" if "scale" in metadata else ""
    pictures = {ARTICLE.name: "a blurred picture", PAPER.name: f"a picture enlarged{factor} by bicubic interpolation"}
    picture = pictures.get(metadata.get("protocol", ARTICLE.name), "a picture")
    result = "the restored picture, of the same size"
    if network.factor > 1:
        picture, result = "a picture", f"the enlarged picture, {network.factor} times as high and as wide"
    return (
        f"{network.title}. Input: {picture}, (N, {network.channels}, H, W), its {colour}, each value divided by "
        f"255. Output: {result} and on the same scale, not clipped to 0..1."
    )


FORMATS = {"paddle": paddle_model, "onnx": onnx_model}
