"""Packaging of paddle-srcnn; pyproject.toml holds the settings of the tools."""

import sys
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = next(
    line.split('"')[1]
    for line in (ROOT / "paddle_srcnn" / "__init__.py").read_text(encoding="utf-8").splitlines()
    if line.startswith("__version__")
)

# Another project owns the name `reader`, so the wheel leaves the article's door out. An editable install has it.
PACKAGES = ["paddle_srcnn", "paddle_srcnn.*", *(["reader"] if "editable_wheel" in sys.argv else [])]

ARTICLE = "https://zhuanlan.zhihu.com/p/45627373"
PAPER = "https://arxiv.org/abs/1501.00092"

WEB = ["starlette>=0.47,<2", "uvicorn>=0.34,<1", "anyio>=4,<5"]
SPARSE = ["scikit-learn>=1.4,<2"]
ONNX = ["onnx>=1.17,<2", "onnxruntime>=1.19,<2"]
TEST = [
    *ONNX,
    *WEB,
    *SPARSE,
    "scipy>=1.11,<2",
    "pytest>=8,<10",
    "playwright>=1.45,<2",
    "ruff>=0.17,<0.18",
    "mypy>=2.0,<3",
    "coverage>=7.10,<8",
    "setuptools>=70.1",  # the first that builds wheels by itself
]
DOCS = ["mkdocs>=1.6,<2", "mkdocs-material>=9.6,<10", "mkdocstrings[python]>=1.0,<2"]

setup(
    name="paddle-srcnn",
    version=VERSION,
    description="SRCNN on PaddlePaddle: an article's reproduction, measured, and super-resolution of photographs",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The paddle-srcnn developers",
    license="Apache-2.0",
    project_urls={"Article": ARTICLE, "Paper": PAPER},
    keywords=["super-resolution", "SRCNN", "PaddlePaddle", "image restoration", "upscaling", "reproduction"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Environment :: Console",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Natural Language :: English",
        "Natural Language :: Chinese (Simplified)",
        "Operating System :: MacOS",
        "Operating System :: Microsoft :: Windows",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Image Processing",
        "Typing :: Typed",
    ],
    python_requires=">=3.10,<3.13",
    packages=find_packages(include=PACKAGES),
    package_data={
        "paddle_srcnn": [
            "py.typed",
            "pretrained/*.safetensors",
            "sparse/trained/*.safetensors",
            "images/profiles/*",
            "reader/checksums/*.txt",
            "recipes/results.csv",
            "apps/web/page/*",
        ],
    },
    entry_points={"console_scripts": ["srcnn = paddle_srcnn.commands.dispatcher:main"]},
    install_requires=[
        "numpy>=1.24,<3",
        "opencv-python>=4.8,<6",
        "matplotlib>=3.8,<4",
        "pillow>=11.3,<15",
        "tifffile>=2025.5.10",
        "imagecodecs>=2025.3.30",
        "scikit-image>=0.22,<1",
        "tqdm>=4.66,<5",
        "pooch>=1.8,<2",
        "requests>=2.31,<3",
        "safetensors>=0.4,<1",
        "filelock>=3.30,<5",
    ],
    extras_require={
        "cpu": ["paddlepaddle>=2.6.2,<4", "setuptools"],  # Paddle 2.6 imports setuptools without requiring it
        "gpu": ["paddlepaddle-gpu>=2.6.2,<4", "setuptools"],
        "bench": ["torch>=2.2,<3", "scipy>=1.11,<2", *ONNX],
        "onnx": ONNX,
        "web": WEB,
        "sparse": SPARSE,
        "heic": ["pillow-heif>=1.8.1"],  # its wheel contains x265, under the GPL
        "test": TEST,
        "docs": DOCS,
        "dev": [*TEST, *DOCS, "pre-commit>=4,<5", "codespell>=2.3,<3"],
    },
)
