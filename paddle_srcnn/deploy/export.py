"""Networks for use without this package: ONNX, or Paddle's format for inference, on 0..1 and for pictures of any size.

What is written has been run first, and does what the weights do here.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from skimage import data as photographs

from paddle_srcnn import __version__
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.system.files import atomic_path, is_file

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-4  # largest difference, on 0..1, that float rounding may make
CHECKED_SIZE = (97, 131)  # beyond one tile of `inference`, and of no even side
INPUT, OUTPUT = "input", "output"
OPSET, IR_VERSION = 17, 8  # of ONNX 1.12 (2022): new enough for all that is used, and read by runtimes since then


@dataclass(frozen=True)
class Exported:
    """A network in another format, not written yet.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by suffix; the first is the file that the others belong to.
    run : callable or None
        What the format's own runtime makes of an (N, C, H, W) array of float32; None where it is not installed.
    """

    files: Mapping[str, bytes]
    run: Callable[[np.ndarray], np.ndarray] | None


def export(weights: Weights, to: str, path: Path) -> tuple[Path, float | None]:
    """Write a network in another format.

    Its input and output are (N, C, H, W) float32 on 0..1, of one size: each layer repeats its border.

    Parameters
    ----------
    weights : Weights
    to : {"paddle", "onnx"}
    path : Path
        Of the files, without suffix.

    Returns
    -------
    Path, float or None
        The file, and the largest difference from the network as it runs here on a photograph, on 0..1; None where
        there is nothing to run the file with.

    Raises
    ------
    UserError
        If the format's library is not installed, if the outputs differ, if the files cannot be written, or if others of
        their names are there.
    """
    exported = FORMATS[to](weights)
    difference = None if exported.run is None else largest_difference(weights, exported.run)
    if difference is not None and not difference <= TOLERANCE:  # nor is it where one of them is not a number
        raise UserError(
            f"the {to} model of {path.name} differs by {difference:.1e} from the network as it runs here, more than "
            f"{TOLERANCE:g}: nothing was written; export with other versions of its libraries"
        )
    paths = [path.with_name(path.name + suffix) for suffix in exported.files]
    for file, content in zip(paths, exported.files.values(), strict=True):
        if is_file(file) and file.read_bytes() != content:
            raise UserError(f"{file} is there already, and is not this network: move it away, or give another --out")
    with ExitStack() as stack:  # which renames the files in reverse order, when all are complete
        for file, content in zip(paths, exported.files.values(), strict=True):
            stack.enter_context(atomic_path(file)).write_bytes(content)
    return paths[0], difference


def largest_difference(weights: Weights, run: Callable[[np.ndarray], np.ndarray]) -> float:
    """Largest difference, on 0..1, of an exported network's output from that of the network as it runs here."""
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import WholePictures

    network = weights.architecture
    restore = WholePictures(network, choose_device("cpu"), weights.parameters, value_range=weights.value_range)
    height, width = CHECKED_SIZE
    photograph = photographs.camera()[100:, 150:]
    parts = [photograph[channel : channel + height, :width] for channel in range(network.channels)]  # no two the same
    planes = np.stack(parts).astype(np.float32)
    difference = run(planes[np.newaxis] / np.float32(255))[0] - restore(planes) / 255
    return float(np.abs(difference).max())


def unit_parameters(weights: Weights) -> dict[str, np.ndarray]:
    """Parameters of the same network on 0..1: with ReLU, all that depends on the unit are the biases."""
    unit = np.float32(weights.value_range)
    return {name: value / unit if name.endswith("bias") else value for name, value in weights.parameters.items()}


def paddle_model(weights: Weights) -> Exported:
    """The network in Paddle's format for inference, which `paddle.inference.create_predictor` loads."""
    from paddle_srcnn.static.backend import choose_device, paddle
    from paddle_srcnn.static.inference_program import plain_program
    from paddle_srcnn.static.layers import EVERYWHERE
    from paddle_srcnn.static.session import predictor

    program, (x, y), session = plain_program(
        weights.architecture, choose_device("cpu"), unit_parameters(weights), sides=EVERYWHERE
    )
    with tempfile.TemporaryDirectory() as folder:
        if of_paddle_2 := isinstance(y, paddle.static.Variable):  # a type that Paddle 3's programs do not have
            with paddle.static.program_guard(program):
                y = paddle.assign(y, program.global_block().create_var(name=OUTPUT, dtype=y.dtype, shape=y.shape))
        session.save(str(Path(folder) / "model"), program, x, y)
        suffix = ".pdmodel" if of_paddle_2 else ".json"
        model, values = (Path(folder) / f"model{ending}" for ending in (suffix, ".pdiparams"))
        if not of_paddle_2:  # Paddle 3 lets nobody name an output
            model.write_bytes(model.read_bytes().replace(b'"fetch_name_0"', f'"{OUTPUT}"'.encode()))
        files = {file.suffix: file.read_bytes() for file in (model, values)}
        return Exported(files, predictor(model, values))


def onnx_model(weights: Weights) -> Exported:
    """The network as a graph of ONNX."""
    content = onnx_content(weights)
    return Exported({".onnx": content}, onnx_session(content))


def onnx_content(weights: Weights, *, replicate: bool = True) -> bytes:
    """A file of ONNX that holds the network; `replicate` repeats the border before each layer."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise UserError("ONNX is not installed: run `pip install '.[onnx]'`") from None
    helper, network = onnx.helper, weights.architecture
    inputs, outputs = (
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, ["N", network.channels, "H", "W"])]
        for name in (INPUT, OUTPUT)
    )
    description = describe(weights)
    nodes, pads = onnx_layers(network.filters, replicate=replicate)
    arrays = {**unit_parameters(weights), **pads}
    tensors = [onnx.numpy_helper.from_array(array, name) for name, array in arrays.items()]
    graph = helper.make_graph(nodes, "SRCNN", inputs, outputs, tensors, doc_string=description)
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


def onnx_layers(filters: Sequence[int], *, replicate: bool) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray]]:
    """Nodes of all layers, and how many pixels each border is to be repeated by."""
    from onnx.helper import make_node

    nodes, pads, x = [], {}, INPUT
    for layer, size in enumerate(filters, 1):
        name, margin, last = f"conv{layer}", size // 2, layer == len(filters)
        if replicate and margin:
            pads[f"{name}.pads"] = np.array([0, 0, margin, margin] * 2, np.int64)
            nodes.append(make_node("Pad", [x, f"{name}.pads"], [f"{name}.padded"], mode="edge"))
            x = f"{name}.padded"
        y = OUTPUT if last else f"{name}.output"
        nodes.append(make_node("Conv", [x, f"{name}.weight", f"{name}.bias"], [y]))
        if not last:
            x = f"{name}.relu"
            nodes.append(make_node("Relu", [y], [x]))
    return nodes, pads


def onnx_session(content: bytes) -> Callable[[np.ndarray], np.ndarray] | None:
    """What runs a model of ONNX's; None where ONNX Runtime is not installed."""
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        return None
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return lambda planes: session.run([OUTPUT], {INPUT: planes})[0]


def describe(weights: Weights) -> str:
    """What the network expects and returns."""
    metadata, network = weights.metadata, weights.architecture
    colour = metadata.get("colour", "luma" if network.channels == 1 else f"{network.channels} channels")
    factor = f" {metadata['scale']} times" if "scale" in metadata else ""
    pictures = {ARTICLE: "a blurred picture", PAPER: f"a picture enlarged{factor} by bicubic interpolation"}
    picture = pictures.get(metadata.get("protocol", ARTICLE), "a picture")
    return (
        f"SRCNN {network.name}. Input: {picture}, (N, {network.channels}, H, W), its {colour}, each value divided by "
        "255. Output: the restored picture, of the same size and on the same scale, not clipped to 0..1."
    )


FORMATS = {"paddle": paddle_model, "onnx": onnx_model}
