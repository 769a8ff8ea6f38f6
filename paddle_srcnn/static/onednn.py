"""Middle layers computed by oneDNN, which is part of Paddle.

Paddle's own convolution unfolds every patch for MKL's matrix product. oneDNN convolves in place, with AVX-512 if the
processor has it. It is slower for the other layers. Layers with one channel or three pay more for the reordering of
their large maps than they gain. A 1x1 layer is a matrix product anyway.

Paddle's executor runs the operations of a program that has oneDNN's one after the other, so that branches of it gain
nothing. oneDNN's and MKL's own threads take the cores instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from paddle_srcnn.model.network import Network
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.guest import static_graphs, under_construction
from paddle_srcnn.static.session import Session

__all__ = ["available", "has_layers", "is_faster", "take_over"]

FEW_CHANNELS = 3
ATTRIBUTES = ("strides", "paddings", "padding_algorithm", "dilations", "groups", "data_format")
OPERATIONS = {  # inputs and outputs
    "conv2d": (("input", "filter"), ("output",)),
    "conv2d_grad": (("input", "filter", "output_grad"), ("input_grad", "filter_grad")),
}


def available() -> bool:
    """Tell whether programs can be rewritten for oneDNN: those of a Paddle 3 that was built with it."""
    return (
        paddle.framework.use_pir_api()
        and paddle.base.core.is_compiled_with_mkldnn()
        and hasattr(paddle.pir, "DrrPatternContext")
    )


def has_layers(architecture: Network) -> bool:
    """Tell whether `take_over` finds layers of a network to take over."""
    return available() and any(map(is_faster, architecture.weight_shapes))


def is_faster(weight_shape: Sequence[int]) -> bool:
    """Tell whether oneDNN is faster for a layer of weights (out, in, size, size)."""
    return weight_shape[-1] > 1 and min(weight_shape[:2]) > FEW_CHANNELS


def take_over(program: paddle.static.Program) -> None:
    """Give the convolutions that oneDNN computes faster, and their gradients, to it.

    If Paddle cannot do so, the program remains unchanged.

    Parameters
    ----------
    program : paddle.static.Program
        A complete program, since operations of oneDNN have no gradients of their own, before its first run. Outputs of
        the convolutions themselves can no longer be fetched afterwards.
    """
    if not available():
        return
    _register_operations()
    with static_graphs():
        manager = paddle.pir.PassManager()
        for operation in OPERATIONS:
            manager.register_pass(f"{operation}_to_onednn", _rewriting(operation))
        manager.run(program)


def _register_operations() -> None:
    """Make oneDNN's operations known to Paddle by running a program."""
    program = paddle.static.Program()
    with under_construction(program, paddle.static.Program()):
        paddle.ones([1])
    Session(paddle.CPUPlace()).run(program)


def _rewriting(operation: str) -> paddle.pir.DrrPatternContext:
    """Describe the replacement of one of Paddle's operations by oneDNN's."""
    inputs, outputs = OPERATIONS[operation]
    rewriting = paddle.pir.DrrPatternContext()
    source = rewriting.SourcePattern()
    attributes = {name: source.Attr(name) for name in ATTRIBUTES}
    source.Op(f"pd_op.{operation}", attributes)(*([source.Tensor(n) for n in names] for names in (inputs, outputs)))
    source.AddConstraint(lambda match: is_faster(match.Tensor("filter").shape))
    result = source.ResultPattern()
    attributes |= {
        "is_test": result.BoolAttr(False),  # weights change, and gradients are wanted
        "force_fp32_output": result.BoolAttr(False),
        "mkldnn_data_type": result.StrAttr("float32"),
        "onednn_data_type": result.StrAttr("float32"),
    }
    result.Op(f"onednn_op.{operation}", attributes)(*([result.Tensor(n) for n in names] for names in (inputs, outputs)))
    return rewriting
