"""Middle layers computed by oneDNN, which Paddle brings along and uses for nothing unless it is asked to.

Paddle's own convolution unfolds every patch for MKL's matrix product; oneDNN convolves in place, with AVX-512 where
there is one. For the other layers it is slower: those with one channel or three pay more for the reordering of their
large maps than they gain, and a 1x1 layer is a matrix product anyway.

Paddle's executor runs a program that has operations of oneDNN one operation after the other, so that branches of it
gain nothing; oneDNN's and MKL's own threads take the cores instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.static.backend import paddle

FEW_CHANNELS = 3
ATTRIBUTES = ("strides", "paddings", "padding_algorithm", "dilations", "groups", "data_format")
OPERATIONS = {  # inputs and outputs
    "conv2d": (("input", "filter"), ("output",)),
    "conv2d_grad": (("input", "filter", "output_grad"), ("input_grad", "filter_grad")),
}


def available() -> bool:
    """Whether programs can be rewritten for oneDNN: those of Paddle 3, built with it."""
    return (
        paddle.framework.in_pir_mode()
        and paddle.base.core.is_compiled_with_mkldnn()
        and hasattr(paddle.pir, "DrrPatternContext")
    )


def has_layers(architecture: Architecture) -> bool:
    """Whether `take_over` finds layers to take over in a network."""
    return available() and any(map(is_faster, architecture.weight_shapes))


def is_faster(weight_shape: Sequence[int]) -> bool:
    """Whether oneDNN is the faster one for a layer of weights (out, in, size, size)."""
    return weight_shape[-1] > 1 and min(weight_shape[:2]) > FEW_CHANNELS


def take_over(program: paddle.static.Program) -> None:
    """Give the convolutions that oneDNN computes faster, and their gradients, to it.

    Where Paddle cannot do so, the program stays as it is.

    Parameters
    ----------
    program : paddle.static.Program
        Complete, since operations of oneDNN have no gradients of their own, and not run yet. Outputs of the
        convolutions themselves can no longer be fetched afterwards.
    """
    if not available():
        return
    _register_operations()
    manager = paddle.pir.PassManager()
    for operation in OPERATIONS:
        manager.register_pass(f"{operation}_to_onednn", _rewriting(operation))
    manager.run(program)


def _register_operations() -> None:
    """Make oneDNN's operations known to Paddle, which running any program does."""
    program = paddle.static.Program()
    with paddle.static.program_guard(program, paddle.static.Program()):
        paddle.ones([1])
    paddle.static.Executor(paddle.CPUPlace()).run(program)


def _rewriting(operation: str) -> paddle.pir.DrrPatternContext:
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
