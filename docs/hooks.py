"""Hooks of MkDocs: pages from outside `docs/`, the API reference, and links between them.

The repository's Markdown files link to each other as they lie on the disk. The site shows the same files, so the hooks
translate these links. A link to a module leads to the API reference; a link to another file becomes plain text.
"""

from __future__ import annotations

import ast
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
# Pages of the site, and the files outside `docs/` that they show.
PAGES = {
    "index.md": "README.md",
    "index.zh-CN.md": "README.zh-CN.md",
    **{
        name: name
        for name in (
            "experiments/README.md",
            "experiments/README.zh-CN.md",
            "benchmarks/inference.md",
            "benchmarks/training.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "SECURITY.md",
        )
        if (ROOT / name).is_file()
    },
}
ASSETS = ("experiments/results/**/*.png", "experiments/results/**/*.jpg", "benchmarks/*.png", "benchmarks/*.csv")
ROOMS = (
    "paddle_srcnn",
    "paddle_srcnn/system",
    "paddle_srcnn/images",
    "paddle_srcnn/protocols",
    "paddle_srcnn/model",
    "paddle_srcnn/sparse",
    "paddle_srcnn/reporting",
    "paddle_srcnn/recipes",
    "paddle_srcnn/static",
    "paddle_srcnn/deploy",
    "paddle_srcnn/training",
    "paddle_srcnn/reader",
    "paddle_srcnn/apps",
    "paddle_srcnn/commands",
)
# Code comes first, so that no link inside code counts; the text of a link may be code itself.
TOKEN = re.compile(
    r"^```.*?^```[ \t]*$"
    r"|(?P<bang>!?)\[(?P<text>(?:`[^`\n]+`|!\[[^\]]*\]\([^)]*\)|[^\[\]`])*)\]\((?P<target>[^()\s]+)\)"
    r"|`[^`\n]+`",
    re.DOTALL | re.MULTILINE,
)


def on_files(files: Files, config: Any) -> Files:
    """Add the pages and images outside `docs/`, and the API reference."""
    for uri, source in PAGES.items():
        files.append(File.generated(config, uri, abs_src_path=str(ROOT / source)))
    for pattern in ASSETS:
        for path in sorted(ROOT.glob(pattern)):
            files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    for room in ROOMS:
        if (ROOT / room).is_dir():
            files.append(File.generated(config, api_page(room), content=reference(room)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Translate the links of a page from the repository's folders to the site's."""
    uri = page.file.src_uri
    source = PAGES.get(uri, f"docs/{uri}")
    if uri.startswith("api/") and uri != "api/index.md":
        return markdown
    return TOKEN.sub(lambda token: translated(token, source, uri, files) if token["target"] else token[0], markdown)


def translated(link: re.Match[str], source: str, uri: str, files: Files) -> str:
    """Return a link as the site needs it; leave links to other hosts and within the page unchanged."""
    target, _, anchor = link["target"].partition("#")
    if not target or ":" in target:
        return link[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    there = site_uri(path, files)
    if there is None:
        if not (ROOT / path).exists():
            return link[0]  # MkDocs warns of it
        return link["text"]
    there, _, own_anchor = there.partition("#")
    anchor = anchor or own_anchor
    relative = posixpath.relpath(there, posixpath.dirname(uri) or ".")
    return f"{link['bang']}[{link['text']}]({relative}{'#' * bool(anchor)}{anchor})"


def site_uri(path: str, files: Files) -> str | None:
    """Return the page or file of the site that shows a path of the repository; None if there is none."""
    shown = {source: uri for uri, source in PAGES.items()} | {"examples/article.py": "article.md"}
    if path in shown:
        return shown[path]
    for candidate in (path.removeprefix("docs/"), f"{path}/README.md"):
        if files.get_file_from_path(candidate) is not None:
            return candidate
    if path in ROOMS:
        return api_page(path)
    if path.endswith(".py") and posixpath.dirname(path) in ROOMS:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return f"{api_page(posixpath.dirname(path))}#{module}"
    return None


def api_page(room: str) -> str:
    """Return the page of the API reference that shows a room."""
    return f"api/{posixpath.basename(room)}.md"


def reference(room: str) -> str:
    """Write the page of a room: its docstring, the names that it re-exports, and each of its modules."""
    package = room.replace("/", ".")
    tree = ast.parse((ROOT / room / "__init__.py").read_text(encoding="utf-8"))
    own = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    # A code block begins after "::" in docstrings, and without it in Markdown.
    lines = [f"# {package}", "", (ast.get_docstring(tree) or "").replace("::\n", ":\n")]
    if names := re_exported(tree):
        lines += ["", f"`from {package} import` gives:", ""]
        lines += [f"- `{name}`, of [`{origin}`][{origin}]" for name, origin in sorted(names.items())]
    if public := [name for name in own if not name.startswith("_")]:
        lines += ["", f"::: {package}", "    options:", "      show_root_toc_entry: false", f"      members: {public}"]
    for file in sorted((ROOT / room).glob("*.py")):
        if file.stem not in ("__init__", "__main__"):
            lines += ["", f"::: {package}.{file.stem}"]
    return "\n".join(lines) + "\n"


def re_exported(tree: ast.Module) -> dict[str, str]:
    """Return the public names that a package imports from its modules, with the module of each."""
    listed = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and "__all__" in ast.dump(node)]
    public = set(ast.literal_eval(listed[0])) if listed else set()
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.name: str(node.module) for node in imports for alias in node.names if alias.name in public}
