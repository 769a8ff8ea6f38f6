"""The wheel and the sdist: their content, and the wheel's command in an environment outside the clone."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from helpers import ROOT, contents, needs_paddle

import paddle_srcnn

pytest.importorskip("setuptools", minversion="70.1", reason="needs setuptools 70.1, which builds wheels by itself")
BUILD = "import sys; from setuptools import build_meta; getattr(build_meta, f'build_{sys.argv[1]}')(sys.argv[2])"
SOURCES = ("setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "README.zh-CN.md", "CHANGELOG.md", "LICENSE")


def built(kind, folder, out):
    done = subprocess.run([sys.executable, "-c", BUILD, kind, out], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return max(out.iterdir(), key=lambda file: file.stat().st_mtime_ns)


def files_in(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Copy of the clone without what earlier builds have left."""
    folder = tmp_path_factory.mktemp("clone")
    for name in SOURCES:
        shutil.copy(ROOT / name, folder)
    for name in ("paddle_srcnn", "reader"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def sdist(clone, tmp_path_factory):
    return built("sdist", clone, tmp_path_factory.mktemp("sdist"))


@pytest.fixture(scope="module")
def wheel(clone, tmp_path_factory):
    return built("wheel", clone, tmp_path_factory.mktemp("wheel"))


def test_wheel_owns_one_name_and_holds_the_whole_package(wheel):
    files = files_in(wheel)
    info = f"paddle_srcnn-{paddle_srcnn.__version__}.dist-info"
    assert {name.split("/")[0] for name in files} == {"paddle_srcnn", info}
    assert files[f"{info}/top_level.txt"] == b"paddle_srcnn\n"
    assert (
        files[f"{info}/entry_points.txt"].split()
        == b"[console_scripts] srcnn = paddle_srcnn.commands.dispatcher:main".split()
    )
    there = {path for path in (ROOT / "paddle_srcnn").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {name for name in files if not name.startswith(info)} == {str(path.relative_to(ROOT)) for path in there}


def test_pages_name_the_wheel_of_this_version(wheel):
    pages = [ROOT / name for name in ("README.md", "README.zh-CN.md", "docs/command.md", "docs/command.zh-CN.md")]
    assert [re.findall(r"[\w.-]+\.whl", page.read_text(encoding="utf-8")) for page in pages] == [[wheel.name]] * 4


def test_sdist_builds_the_same_wheel(sdist, wheel, tmp_path):
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = built("wheel", next(tmp_path.iterdir()), tmp_path / "wheel")
    assert files_in(again) == files_in(wheel)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Environment with the wheel and this one's dependencies, whose links to the clone it does not follow."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True)
    packages = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    site = next((folder / "lib").glob("python3*/site-packages"))
    (site / "dependencies.pth").write_text("".join(f"{path}\n" for path in packages))
    return folder / "bin"


@pytest.fixture
def run(installed, tmp_path):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def command(name, *arguments):
        line = [installed / name, *map(str, arguments)]
        return subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return command


def test_clone_is_not_on_the_path_of_the_environment(run, installed):
    code = "import importlib.util, paddle_srcnn; print(paddle_srcnn.__file__, importlib.util.find_spec('reader'))"
    file, door = run("python", "-c", code).stdout.split()
    assert Path(file).is_relative_to(installed.parent)
    assert door == "None"


def test_installed_command_lists(run):
    done = run("srcnn", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"srcnn {paddle_srcnn.__version__}\n", "")
    done = run("srcnn", "data")
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["set", "T91", "Set5", "Set14", "samples"]
    done = run("srcnn", "train", "--list")
    assert (done.returncode, done.stderr) == (0, "")
    assert "35.25 37.26 / 36.60" in " ".join(done.stdout.split())


@needs_paddle
def test_installed_command_enlarges_and_exports(run, write_noise, tmp_path):
    write_noise(tmp_path / "holiday" / "a.png", 8, 9)
    write_noise(tmp_path / "holiday" / "b.bmp", 9, 8)
    done = run("srcnn", "upscale", "holiday", "--device", "cpu")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("\n2 of 2 enlarged by 2 with 9-5-5, in enlarged\n")
    assert contents(tmp_path / "enlarged").keys() == {"a_x2.png", "b_x2.bmp"}
    done = run("srcnn", "export", "sr_9-1-5_x2", "--to", "paddle", "--out", "exported")
    assert done.returncode == 0, done.stderr
    assert {path.suffix for path in (tmp_path / "exported").iterdir()} >= {".pdiparams"}


def test_every_import_is_of_a_package_that_the_wheel_requires(wheel):
    """Of a required one, or of an extra for users."""
    texts = [text for name, text in files_in(wheel).items() if name.endswith("/METADATA")]
    lines = re.findall(r"^Requires-Dist: (.+)$", texts[0].decode(), re.MULTILINE)
    lines = [line for line in lines if not re.search(r"extra == .(test|docs|dev|bench)", line)]
    required = {re.match(r"[\w.-]+", line)[0].lower() for line in lines}
    known = metadata.packages_distributions()
    for file in sorted((ROOT / "paddle_srcnn").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            for name in {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"paddle_srcnn"}:
                owners = {owner.lower().replace("_", "-") for owner in known.get(name, [name])}
                assert owners & required, f"{file}: {name} is of {owners}"


def test_editable_install_has_the_door_of_the_article(clone, tmp_path):
    files = files_in(built("editable", clone, tmp_path))
    assert any(re.search(rb"'reader': '[^']*/reader'", content) for content in files.values())
