"""Weights of trained networks: named tensors in a safetensors file, whose shapes tell the architecture."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.matlab import read_matlab_parameters
from paddle_srcnn.model.network import Network
from paddle_srcnn.model.networks import NETWORKS
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.system.files import expanded, is_file, write_safetensors

__all__ = [
    "PRETRAINED",
    "Weights",
    "architecture_of",
    "load_matlab_weights",
    "load_weights",
    "packaged_weights",
    "save_weights",
]

PRETRAINED = Path(__file__).parent.parent / "pretrained"

# No SRCNN comes near these limits. Within them, a program is built in seconds and runs in 2 GB.
MOST_LAYERS, MOST_FILTERS, LARGEST_FILTER, MOST_BYTES = 16, 1024, 63, 100 << 20
VALUE_RANGES = {"0..255": 255.0, "0..1": 1.0}
SPACES = ("y", "ycbcr", "rgb")
AUTHORS_METADATA = {
    "recipe": "the authors' weights",
    "protocol": str(PAPER),
    "colour": "luma, 16..235 (MATLAB's rgb2ycbcr)",
    "value_range": "0..1",
}


@dataclass(frozen=True)
class Weights:
    """Parameters of a trained network.

    Parameters
    ----------
    architecture : Network
    parameters : mapping of str to float32 array
        ``conv1.weight`` of shape (out, in, size, size), ``conv1.bias`` of shape (out,), and so on.
    metadata : mapping of str to str
        ``recipe``, ``protocol``, ``scale``, ``colour``, ``space``, ``value_range``, ``backprops``, ... ``defect`` is
        ``jpeg``, ``noise_low`` or ``noise_high`` if the network removes one while it upscales. ``network`` names
        another architecture than SRCNN, beside entries of its own.
    """

    architecture: Network
    parameters: Mapping[str, np.ndarray]
    metadata: Mapping[str, str]

    @property
    def value_range(self) -> float:
        """Value of white at the network's input; 255 if the metadata do not say."""
        return VALUE_RANGES[self.metadata.get("value_range", "0..255")]

    @property
    def space(self) -> str:
        """Colour space that the network works in: ``"y"``, ``"ycbcr"`` or ``"rgb"``.

        It is the metadata's ``space``. Files without one, such as the packaged weights, describe their channels in the
        sentence ``colour``.
        """
        if self.architecture.channels == 1:
            return "y"
        described = "ycbcr" if self.metadata.get("colour", "").startswith("YCbCr") else "rgb"
        return self.metadata.get("space", described)


def packaged_weights() -> list[str]:
    """List the names of the weights that come with the package."""
    return sorted(path.stem for path in PRETRAINED.glob("*.safetensors"))


def save_weights(path: Path, weights: Weights) -> None:
    """Write weights as safetensors, whole or not at all.

    Parameters
    ----------
    path : Path
        File to write.
    weights : Weights
        Parameters and metadata to write.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    write_safetensors(path, weights.parameters, weights.metadata)


def load_weights(name_or_path: str | Path) -> Weights:
    """Load packaged weights by name, or weights from a file: safetensors, or MATLAB in the authors' layout.

    The function executes nothing in the file: both formats hold plain numbers and their names.

    Parameters
    ----------
    name_or_path : str or Path
        A name that `packaged_weights` lists, or the path of a ``.safetensors`` or ``.mat`` file.

    Returns
    -------
    Weights

    Raises
    ------
    UserError
        If there is no such file, or it does not hold a finite float32 network of a known architecture.
    """
    path = expanded(name_or_path)
    if not is_file(path) and str(name_or_path) in packaged_weights():
        path = PRETRAINED / f"{name_or_path}.safetensors"
    if path.suffix.lower() == ".mat":
        return load_matlab_weights(path)
    if not is_file(path):
        known = ", ".join(packaged_weights())
        raise UserError(f"no weights {name_or_path}: give a .safetensors or .mat file, or one of {known}")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(
                f"{path} has more than {MOST_BYTES >> 20} MB, which no network here needs: give another file"
            )
        with safe_open(path, framework="numpy") as file:
            parameters = {name: file.get_tensor(name) for name in sorted(file.keys())}
            metadata = file.metadata() or {}
    except (SafetensorError, OSError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path} is no readable safetensors file ({error}): replace it") from None
    if metadata.get("value_range", "0..255") not in VALUE_RANGES:
        raise UserError(f"{path} is for values in {metadata['value_range']}, not in {' or '.join(VALUE_RANGES)}")
    if metadata.get("space", "rgb") not in SPACES:
        raise UserError(f"{path} is for the colour space {metadata['space']}, not for {' or '.join(SPACES)}")
    return Weights(_network_of(parameters, metadata, path), parameters, metadata)


def load_matlab_weights(path: Path) -> Weights:
    """Load weights from a MATLAB file in the authors' layout, whatever its suffix.

    Parameters
    ----------
    path : Path
        A MATLAB file of version 5 to 7.

    Returns
    -------
    Weights

    Raises
    ------
    UserError
        If there is no such file, or it does not hold a finite SRCNN in this layout.
    """
    parameters = read_matlab_parameters(path)
    return Weights(architecture_of(parameters, path), parameters, AUTHORS_METADATA)


def _network_of(parameters: Mapping[str, np.ndarray], metadata: Mapping[str, str], path: Path) -> Network:
    """Return the architecture that the metadata name, as the shapes of the parameters tell it; SRCNN by default."""
    kind = metadata.get("network")
    if kind is None:
        return architecture_of(parameters, path)
    if kind not in NETWORKS:
        raise UserError(f"{path} holds a network `{kind}`, which is none of {', '.join(NETWORKS)}: give another file")
    try:
        network = NETWORKS[kind].of(parameters, metadata)
        found = {name: value.shape for name, value in parameters.items()}
        layers = enumerate(network.weight_shapes, 1)
        fits = found == {
            f"conv{i}.{part}": shape[:length] for i, shape in layers for part, length in (("weight", 4), ("bias", 1))
        }
    except (ValueError, KeyError, IndexError):
        fits = False
    if not fits:
        raise UserError(f"{path}: its shapes and metadata do not make a network `{kind}`: give another file")
    if max(map(max, network.weight_shapes)) > MOST_FILTERS or max(network.filters) > LARGEST_FILTER:
        raise UserError(f"{path} is larger than the networks that are taken: give another file")
    if (metadata.get("protocol"), metadata.get("value_range")) != (PAPER.name, "0..1"):
        raise UserError(
            f"{path} holds a network for values in 0..1 in the protocol `{PAPER}`, and its metadata say otherwise: "
            "mend them"
        )
    if network.factor > 1 and metadata.get("scale", str(network.factor)) != str(network.factor):
        raise UserError(f"{path} holds a network for x{network.factor}, and its metadata say otherwise: mend them")
    _check_finite(parameters, path)
    return network


def architecture_of(parameters: Mapping[str, np.ndarray], path: Path) -> Architecture:
    """Return the architecture that the shapes of the parameters tell.

    Parameters
    ----------
    parameters : mapping of str to array
        ``conv1.weight``, ``conv1.bias``, ...
    path : Path
        File that they come from, for messages.

    Returns
    -------
    Architecture

    Raises
    ------
    UserError
        If names, types, shapes or values are not those of an SRCNN; the message names `path`.
    """
    weights = sorted(
        (name for name in parameters if re.fullmatch(r"conv[1-9]\d?\.weight", name)), key=lambda name: int(name[4:-7])
    )
    expected = [f"conv{i}.{kind}" for i in range(1, len(weights) + 1) for kind in ("bias", "weight")]
    if not weights or sorted(parameters) != sorted(expected):
        raise UserError(f"{path} does not hold conv1.weight, conv1.bias, conv2.weight, ...: it is no SRCNN")
    if len(weights) > MOST_LAYERS:
        raise UserError(f"{path} has {len(weights)} layers, more than the {MOST_LAYERS} that are taken")
    shapes = [parameters[name].shape for name in weights]
    try:
        architecture = Architecture(
            filters=tuple(shape[-1] for shape in shapes),
            widths=tuple(shape[0] for shape in shapes[:-1]),
            channels=shapes[0][1],
        )
        fits = list(architecture.weight_shapes) == shapes
    except (ValueError, IndexError):
        fits = False
    if fits and (max(architecture.filters) > LARGEST_FILTER or max(architecture.widths, default=1) > MOST_FILTERS):
        most = f"{LARGEST_FILTER}x{LARGEST_FILTER}, {MOST_FILTERS} in a layer"
        raise UserError(f"{path} has filters of {architecture.filters}, {architecture.widths}: {most} are taken")
    biases = [parameters[name.replace("weight", "bias")].shape for name in weights]
    if not fits or biases != [shape[:1] for shape in shapes]:
        raise UserError(f"{path}: shapes {shapes} with biases {biases} do not make an SRCNN")
    _check_finite(parameters, path)
    return architecture


def _check_finite(parameters: Mapping[str, np.ndarray], path: Path) -> None:
    for name, value in parameters.items():
        if value.dtype != np.float32 or not np.isfinite(value).all():
            raise UserError(f"{path}: {name} is not finite float32 numbers")
