"""Examples in docstrings do what they say."""

import doctest
import importlib

import pytest
from helpers import ROOT, needs_paddle

from paddle_srcnn.model.weights import packaged_weights

MODULES = [
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for package in ("paddle_srcnn", "reader")
    for file in sorted((ROOT / package).glob("*.py"))
    if ">>> " in file.read_text(encoding="utf-8")
]
MARKS = {
    "paddle_srcnn.apps.upscaler": [
        needs_paddle,
        pytest.mark.skipif("sr_9-5-5_x3" not in packaged_weights(), reason="needs the weights sr_9-5-5_x3"),
    ]
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=MARKS.get(name, [])) for name in MODULES])
def test_examples(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
