"""Examples in docstrings do what they say, and docstrings begin as CONTRIBUTING.md asks."""

import ast
import doctest
import importlib

import pytest
from helpers import ROOT, needs_paddle

from paddle_srcnn.model.weights import packaged_weights

FILES = [
    file
    for tree in ("paddle_srcnn", "reader", "experiments", "benchmarks", "examples", "docs")
    for file in sorted((ROOT / tree).rglob("*.py"))
] + [ROOT / "train.py", ROOT / "infer.py"]
MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for file in FILES
    if file.is_relative_to(ROOT / "paddle_srcnn") or file.is_relative_to(ROOT / "reader")
    if ">>> " in file.read_text(encoding="utf-8")
]
MARKS = {
    "paddle_srcnn.apps.upscaler": [
        needs_paddle,
        pytest.mark.skipif("sr_9-5-5_x3" not in packaged_weights(), reason="needs the weights sr_9-5-5_x3"),
    ]
}
NOT_FIRST = {"What", "Where", "Who", "How", "Whether"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, [])) for name in MODULES])
def test_examples(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0


def test_docstrings_begin_plainly():
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    found = []
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = (isinstance(node, kinds) and ast.get_docstring(node)) or "."
            if text.split(maxsplit=1)[0] in NOT_FIRST:
                found.append(f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}: {text.splitlines()[0]}")
    assert not found, "\n".join(found)
