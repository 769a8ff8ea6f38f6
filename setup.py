"""Packaging of paddle-srcnn; settings of the tools stand in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "paddle_srcnn" / "__init__.py").read_text(encoding="utf-8").splitlines()
    if line.startswith("__version__")
)

ONNX = ["onnx>=1.17,<2", "onnxruntime>=1.19,<2"]

setup(
    name="paddle-srcnn",
    version=VERSION,
    description="SRCNN on PaddlePaddle: the article's reproduction, measured",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.10,<3.13",
    packages=find_packages(include=["paddle_srcnn", "paddle_srcnn.*", "reader"]),
    package_data={"paddle_srcnn": ["py.typed", "pretrained/*.safetensors"], "reader": ["py.typed", "checksums/*.txt"]},
    install_requires=[
        "numpy>=1.24,<3",
        "opencv-python>=4.8,<6",
        "matplotlib>=3.8,<4",
        "pillow>=10.1,<15",
        "scikit-image>=0.22,<1",
        "scipy>=1.11,<2",
        "tqdm>=4.66,<5",
        "pooch>=1.8,<2",
        "requests>=2.31,<3",
        "safetensors>=0.4,<1",
    ],
    extras_require={
        "cpu": ["paddlepaddle>=2.6.2,<4", "setuptools"],  # which Paddle 2.6 imports without asking for it
        "gpu": ["paddlepaddle-gpu>=2.6.2,<4", "setuptools"],
        "bench": ["torch>=2.2,<3", *ONNX],
        "onnx": ONNX,
        "test": [*ONNX, "pytest>=8,<10", "playwright>=1.45,<2", "ruff>=0.17,<0.18", "mypy>=2.0,<3", "coverage>=7.5,<8"],
    },
)
