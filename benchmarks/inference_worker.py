"""One measurement of `benchmarks.inference`, in its own process: seconds and memory that an image takes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from paddle_srcnn.deploy.export import onnx_content
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.system.environment import core_count

SCALE = 3
SECONDS = 1.0  # short runs are repeated for so long
Restore = Callable[[np.ndarray], np.ndarray]


def random_weights(filters: tuple[int, ...]) -> Weights:
    """Draw the weights of a network; speed does not depend on their values."""
    architecture, rng = Architecture(filters, (64, 32)), np.random.default_rng(0)
    parameters = {}
    for number, shape in enumerate(architecture.weight_shapes, 1):
        parameters[f"conv{number}.weight"] = rng.normal(0, 0.03, shape).astype(np.float32)
        parameters[f"conv{number}.bias"] = rng.normal(0, 0.03, shape[0]).astype(np.float32)
    return Weights(architecture, parameters, {"value_range": "0..1", "protocol": "paper"})


def ours(weights: Weights) -> Restore:
    """Prepare this project's network, which computes the borders too."""
    from paddle_srcnn.deploy.tiles import TiledNetwork
    from paddle_srcnn.static.backend import choose_device

    return TiledNetwork(weights, choose_device("cpu"), threads=core_count())


def static_programs(weights: Weights) -> Restore:
    """Prepare the programs that serve for training."""
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    return restorer(weights, choose_device("cpu"))


def paddle_onednn(weights: Weights) -> Restore:
    """Prepare Paddle Inference with oneDNN."""
    import tempfile

    from paddle_srcnn.static.backend import paddle
    from paddle_srcnn.static.inference_program import plain_program
    from paddle_srcnn.static.layers import NO_BORDERS
    from paddle_srcnn.static.session import load_network

    def configure(config: paddle.inference.Config) -> None:
        config.enable_mkldnn()
        config.set_cpu_math_library_num_threads(core_count())

    with tempfile.TemporaryDirectory() as folder:
        program, ends, session = plain_program(
            weights.architecture, paddle.CPUPlace(), weights.parameters, borders=NO_BORDERS
        )
        session.save(Path(folder, "network"), program, ends)
        model, values = (next(Path(folder).glob(pattern)) for pattern in ("*[nl]", "*.pdiparams"))
        restore = load_network(model, values, configure)
    return lambda image: restore(image[np.newaxis])[0]


def pytorch(weights: Weights, *, channels_last: bool = False) -> Restore:
    """Prepare PyTorch with all cores, in its default layout or in the one that is faster on a CPU."""
    import torch

    torch.set_num_threads(core_count())
    layout = torch.channels_last if channels_last else torch.contiguous_format
    layers: list[torch.nn.Module] = []
    for number, (out, depth, size, _) in enumerate(weights.architecture.weight_shapes, 1):
        layer = torch.nn.Conv2d(depth, out, size)
        layer.weight.data = torch.from_numpy(weights.parameters[f"conv{number}.weight"])
        layer.bias.data = torch.from_numpy(weights.parameters[f"conv{number}.bias"])
        layers += [layer, torch.nn.ReLU(inplace=True)]
    network = torch.nn.Sequential(*layers[:-1]).eval().to(memory_format=layout)

    def restore(image: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            given = torch.from_numpy(image)[None].to(memory_format=layout)
            return network(given)[0].numpy()

    return restore


def onnx_runtime(weights: Weights) -> Restore:
    """Prepare ONNX Runtime with all cores."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = core_count()
    session = onnxruntime.InferenceSession(
        onnx_content(weights, replicate=False), options, providers=["CPUExecutionProvider"]
    )
    return lambda image: session.run(None, {"input": image[np.newaxis]})[0][0]


def opencv(weights: Weights) -> Restore:
    """Prepare OpenCV's dnn module with all cores."""
    import cv2

    cv2.setNumThreads(core_count())
    network = cv2.dnn.readNetFromONNX(np.frombuffer(onnx_content(weights, replicate=False), np.uint8))

    def restore(image: np.ndarray) -> np.ndarray:
        network.setInput(image[np.newaxis])
        return network.forward()[0]

    return restore


def in_tiles(restore: Restore, margin: int, tile: int) -> Restore:
    """Restore tile by tile, as users of a runtime without tiles do with large images."""

    def restored(image: np.ndarray) -> np.ndarray:
        height, width = (length - 2 * margin for length in image.shape[1:])
        result = np.empty((1, height, width), np.float32)
        for top in range(0, height, tile):
            for left in range(0, width, tile):
                part = np.ascontiguousarray(image[:, top : top + tile + 2 * margin, left : left + tile + 2 * margin])
                result[:, top : top + tile, left : left + tile] = restore(part)
        return result

    return restored


RUNTIMES: dict[str, Callable[[Weights], Restore]] = {
    "ours": ours,
    "static programs": static_programs,
    "Paddle Inference, oneDNN": paddle_onednn,
    "PyTorch": pytorch,
    "PyTorch, channels last": partial(pytorch, channels_last=True),
    "ONNX Runtime": onnx_runtime,
    "OpenCV dnn": opencv,
}


def work(settings: dict[str, Any]) -> Callable[[], Any]:
    """Prepare the work that is timed."""
    height, width = settings["size"]
    rng = np.random.default_rng(0)
    if settings["runtime"] in RUNTIMES:
        weights = random_weights(tuple(settings["filters"]))
        restore = RUNTIMES[settings["runtime"]](weights)
        if settings["tile"]:
            restore = in_tiles(restore, weights.architecture.margin, settings["tile"])
        upsampled = rng.random((1, height, width), np.float32)
        restore(upsampled[:, :300, :300])
        return lambda: restore(upsampled)
    image = rng.integers(0, 256, (height // SCALE, width // SCALE, 3), np.uint8)
    if settings["runtime"] == "bicubic":
        from paddle_srcnn.images.resize import upscale

        return lambda: [upscale(channel, SCALE) for channel in np.moveaxis(image, -1, 0).astype(np.float32)]
    return whole_work(tuple(settings["filters"]), image)


def whole_work(filters: tuple[int, ...], image: np.ndarray) -> Callable[[], np.ndarray]:
    """Prepare the library's work on an RGB image, from pixels to pixels."""
    import tempfile

    from paddle_srcnn.apps.upscaler import Upscaler
    from paddle_srcnn.model.weights import save_weights

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        save_weights(path, random_weights(filters))
        upscaler = Upscaler(str(path), scale=SCALE)
    upscaler(image[:100, :100])
    return lambda: upscaler(image)


def main() -> None:
    """Measure the configuration in the command line's JSON, and print the answer as JSON."""
    settings = json.loads(sys.argv[1])
    run = work(settings)
    seconds: list[float] = []
    while not seconds or sum(seconds) < SECONDS:
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    # Not getrusage, whose peak begins at that of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    peak = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    print(json.dumps({"seconds": sorted(seconds)[len(seconds) // 2], "peak_bytes": peak << 10}))


if __name__ == "__main__":
    main()
