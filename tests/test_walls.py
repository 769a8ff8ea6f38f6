"""The walls of the house that `docs/architecture.md` draws: floors, circles, Paddle, scripts and sizes."""

import ast
import re
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest
from helpers import ROOT

# A room imports itself and rooms of lower floors, nothing else. The files of `examples` import no room at all.
FLOORS = {
    "examples": 0,
    "paddle_srcnn": 0,
    "paddle_srcnn.errors": 1,
    "paddle_srcnn.system": 2,
    "paddle_srcnn.images": 3,
    "paddle_srcnn.protocols": 4,
    "paddle_srcnn.model": 5,
    "paddle_srcnn.sparse": 5,
    "paddle_srcnn.reporting": 5,
    "paddle_srcnn.recipes": 6,
    "paddle_srcnn.static": 6,
    "paddle_srcnn.deploy": 7,
    "paddle_srcnn.training": 7,
    "paddle_srcnn.reader": 7,
    "paddle_srcnn.apps": 8,
    "paddle_srcnn.commands": 9,
    "paddle_srcnn.__main__": 10,
    "reader": 10,
    "train": 10,
    "infer": 10,
    "experiments.lab": 10,
    "experiments": 11,
    "benchmarks": 11,
    "docs": 11,
}
WITHOUT_PADDLE = (
    "paddle_srcnn.errors",
    "paddle_srcnn.recipes",
    "paddle_srcnn.system",
    "paddle_srcnn.images",
    "paddle_srcnn.protocols",
    "paddle_srcnn.model",
    "paddle_srcnn.sparse",
    "paddle_srcnn.reporting",
    "paddle_srcnn.reader",
    "reader",
)
# Arrows that the walls let through, each with its reason.
EXCEPTIONS = {
    ("paddle_srcnn", "paddle_srcnn.apps"): "the front door imports `Upscaler` at its first use (PEP 562)",
    ("paddle_srcnn", "paddle_srcnn.errors"): "the front door imports `UserError` at its first use (PEP 562)",
    ("paddle_srcnn", "paddle_srcnn.images"): "the front door imports `read_photo` at its first use (PEP 562)",
}
# Modules of the library that print, each with its reason.
PRINTING = {
    "paddle_srcnn.commands": "the commands",
    "paddle_srcnn.system.cli": "prints the commands' errors and warnings",
    "paddle_srcnn.system.process": "the supervisor of workers, which ends with the process",
    "paddle_srcnn.training.progress": "the progress of train.py",
}
# Names that modules are imported by: the package's front door, and the folder of a script that runs.
ALIASES = {
    "paddle_srcnn.Upscaler": "paddle_srcnn.apps.upscaler",
    "paddle_srcnn.UserError": "paddle_srcnn.errors",
    "paddle_srcnn.read_photo": "paddle_srcnn.images.photos",
    "paddle_srcnn.write_photo": "paddle_srcnn.images.photos",
    **{
        file.stem: f"experiments.{file.stem}" for file in (ROOT / "experiments").iterdir() if file.suffix in ("", ".py")
    },
}
TREES = ("paddle_srcnn", "reader", "experiments", "benchmarks", "examples", "docs", "tests")
MAX_TOP_MODULES = 6
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50


def files_of(*trees: str) -> list[Path]:
    """List the Python files of these folders, and of the top of the repository."""
    below = [file for tree in trees for file in sorted((ROOT / tree).rglob("*.py"))]
    return [*below, *sorted(ROOT.glob("*.py"))]


def name_of(file: Path) -> str:
    """Dotted name of a file, as Python imports it from the top of the repository."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in files_of(*TREES[:-1]) if file.name != "setup.py"}


def room_of(module: str) -> str:
    """Room of a module: the longest name among the rooms that the module's name begins with."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        room = ".".join(parts[:length])
        if room in FLOORS and not (room == "paddle_srcnn" and length < len(parts)):
            return room
    raise AssertionError(f"{module} belongs to no room: give it one in FLOORS, and in docs/architecture.md")


def resolved(name: str) -> str | None:
    """Module of the repository that an imported dotted name leads to; None if it leads outside."""
    for alias, full in ALIASES.items():
        if name == alias or name.startswith(f"{alias}."):
            name = full + name.removeprefix(alias)
            break
    while name not in MODULES and "." in name:
        name = name.rpartition(".")[0]
    return name if name in MODULES else None


@lru_cache
def imported_names(module: str) -> tuple[tuple[str, int], ...]:
    """Dotted names that a module imports anywhere, in functions and for type checkers too, with their lines."""
    file = MODULES[module]
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            found += [(f"{origin}.{alias.name}", node.lineno) for alias in node.names]
    return tuple(found)


def arrows(module: str) -> dict[str, int]:
    """Modules of the repository that a module imports, with the line of each."""
    targets = ((resolved(name), line) for name, line in imported_names(module))
    return {target: line for target, line in targets if target is not None and target != module}


def at(module: str, line: int) -> str:
    return f"{MODULES[module].relative_to(ROOT)}:{line}"


def python(code: str) -> str:
    """Output of code that a fresh interpreter runs at the top of the repository."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rooms_import_lower_floors_only():
    broken = []
    for module in MODULES:
        room = room_of(module)
        for target, line in arrows(module).items():
            other = room_of(target)
            lower = other == room or FLOORS[other] < FLOORS[room]
            if not lower and (room, other) not in EXCEPTIONS:
                broken.append(f"{at(module, line)}: {room} (floor {FLOORS[room]}) imports {target} ({FLOORS[other]})")
    assert not broken, "\n".join(broken)


def test_every_room_stands_and_every_exception_is_needed():
    assert {room_of(module) for module in MODULES} == set(FLOORS)
    used = {(room_of(module), room_of(target)) for module in MODULES for target in arrows(module)}
    assert set(EXCEPTIONS) <= used, set(EXCEPTIONS) - used


def test_no_circle():
    """Modules can be put in an order in which each imports earlier ones alone."""
    left = {
        module: {target for target in arrows(module) if (room_of(module), room_of(target)) not in EXCEPTIONS}
        for module in MODULES
    }
    while ends := [m for m in left if not left[m] & left.keys() or not any(m in targets for targets in left.values())]:
        left = {module: targets for module, targets in left.items() if module not in ends}
    circle = [f"{module} -> {target}" for module, targets in left.items() for target in sorted(targets & left.keys())]
    assert not circle, "\n".join(circle)


def test_library_does_not_import_reader():
    """The commands alone bring data sets and the library together."""
    broken = [
        f"{at(module, line)}: {target}"
        for module in MODULES
        if module.startswith("paddle_srcnn") and room_of(module) not in ("paddle_srcnn.reader", "paddle_srcnn.commands")
        for target, line in arrows(module).items()
        if room_of(target) in ("paddle_srcnn.reader", "reader")
    ]
    assert not broken, "\n".join(broken)


def test_nothing_imports_what_one_runs():
    """Neither the commands at the top, nor the scripts of the experiments, nor the examples."""
    scripts = {m for m in MODULES if room_of(m) in {"train", "infer", "experiments", "examples", "docs"}}
    broken = [
        f"{at(module, line)}: {target}"
        for module in MODULES
        for target, line in arrows(module).items()
        if target in scripts - {"experiments"} and (room_of(module), room_of(target)) not in EXCEPTIONS
    ]
    assert not broken, "\n".join(broken)


def test_paddle_has_one_door():
    """`static/backend.py` imports Paddle; the other files of the library take it from there."""
    broken = [
        at(module, line)
        for module in MODULES
        if module.startswith(("paddle_srcnn", "reader")) and module != "paddle_srcnn.static.backend"
        for name, line in imported_names(module)
        if name.split(".")[0] == "paddle"
    ]
    assert not broken, "\n".join(broken)


def test_library_does_not_print():
    """Commands print; the library logs and raises."""
    broken = [
        at(module, node.lineno)
        for module in MODULES
        if module.startswith(("paddle_srcnn", "reader")) and not {module, room_of(module)} & PRINTING.keys()
        for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("room", WITHOUT_PADDLE)
def test_lower_rooms_import_without_paddle(room):
    modules = [m for m in MODULES if room_of(m) == room and not m.endswith("__main__")]
    assert modules
    python(f"import sys, importlib\nsys.modules['paddle'] = None\nfor m in {modules}: importlib.import_module(m)")


def test_package_imports_at_once():
    """`import paddle_srcnn` loads nothing heavy, and takes milliseconds."""
    heavy = ("cv2", "paddle", "numpy", "PIL", "matplotlib", "skimage", "scipy", "pooch", "requests", "safetensors")
    code = (
        "import sys, time; start = time.perf_counter(); import paddle_srcnn; seconds = time.perf_counter() - start\n"
        f"print(seconds, *(name for name in {heavy} if name in sys.modules))"
    )
    answers = [python(code).split() for _ in range(3)]
    assert [loaded for _, *loaded in answers] == [[], [], []]
    assert min(float(seconds) for seconds, *_ in answers) < 0.1


def test_architecture_page_leads_to_what_is_there():
    """Each file in the page's tables exists, and each name behind a colon is defined in the file before it."""
    rows = [line for line in (ROOT / "docs/architecture.md").read_text(encoding="utf-8").splitlines() if "`" in line]
    cells = [row.rpartition(" | ")[2] for row in rows if row.startswith("| ") and ".py`" in row]
    assert len(cells) > 30
    for cell in cells:
        for path, names in re.findall(r"`([a-z_/]+\.py)`(?:\]\([^)]*\))?(?:: ((?:`\w+`(?:, )?)+))?", cell):
            files = [folder / path for folder in (ROOT, ROOT / "paddle_srcnn") if (folder / path).is_file()]
            assert files, f"{path} is not there: {cell}"
            text = files[0].read_text(encoding="utf-8")
            for name in re.findall(r"\w+", names):
                assert re.search(rf"^(def |class )?{name}\b( =|\(|:)", text, re.MULTILINE), f"no {name} in {path}"


def test_few_modules_at_the_top():
    top = sorted(path.name for path in (ROOT / "paddle_srcnn").glob("*.py"))
    assert len(top) <= MAX_TOP_MODULES, top


def test_top_of_experiments_is_for_running():
    others = {"README.md", "README.zh-CN.md", "results", "lab", "__pycache__"}
    for path in sorted((ROOT / "experiments").iterdir()):
        if path.name not in others:
            assert path.suffix == ".py", f"{path}: neither a script nor a page"
            assert '\nif __name__ == "__main__":\n' in path.read_text(encoding="utf-8"), f"{path} cannot be run"


def test_tests_mirror_the_tree():
    rooms = {path.parent.name for path in (ROOT / "paddle_srcnn").glob("*/__init__.py")}
    trees = {tree for tree in TREES[:-1] if any((ROOT / tree).rglob("*.py"))}
    known = rooms | trees | {"commands", "fuzz", "faults"}
    folders = {file.parent.name for file in (ROOT / "tests").glob("*/*.py")}
    assert folders <= known, f"tests of no room: {folders - known}"


def test_files_are_short():
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files_of(*TREES)}
    long = [f"{file.relative_to(ROOT)}: {lines} lines" for file, lines in sizes.items() if lines > MAX_FILE_LINES]
    assert not long, "\n".join(long)


def test_functions_are_short():
    long = []
    for file in files_of(*TREES):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long.append(f"{file.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines")
    assert not long, "\n".join(long)
