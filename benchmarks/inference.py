"""Speed and memory of whole pictures: this project, PyTorch, ONNX Runtime and OpenCV's dnn module, side by side.

``python -m benchmarks.inference`` measures in turn, round after round, each in a process of its own, so that whatever
the machine does meanwhile meets all of them; then it takes medians. The largest picture, whose runs take longest, has
one round. It writes benchmarks/inference.md and benchmarks/inference.csv.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from importlib import metadata
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import CommandParser, positive, run_command
from paddle_srcnn.system.environment import code_commit, core_count, package_versions, processor_description
from paddle_srcnn.system.files import csv_text, expanded, write_text

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ((9, 1, 5), (9, 5, 5))
SIZES = ((501, 501), (1200, 1668), (3999, 6000))  # 0.25, 2 and 24 megapixels, whole multiples of 3
TILES = (128, 256)
# Rows of the table: what runs, and tiles to cut the picture into, 0 for none; the fastest way is shown. The last rows
# are what else Paddle offers on a CPU.
ROWS = {
    "ours": [("ours", 0)],
    "ONNX Runtime": [("ONNX Runtime", tile) for tile in (0, *TILES)],
    "PyTorch, as it comes": [("PyTorch", 0)],
    "PyTorch, tuned": [("PyTorch, channels last", tile) for tile in (0, *TILES)],
    "OpenCV dnn": [("OpenCV dnn", tile) for tile in (0, *TILES)],
    "ours, RGB to RGB": [("pixels", 0)],
    "bicubic alone": [("bicubic", 0)],
    "Paddle: static programs": [("static programs", 0)],
    "Paddle: oneDNN": [("Paddle Inference, oneDNN", tile) for tile in (0, *TILES)],
}
RIVALS = ("ONNX Runtime", "PyTorch, as it comes", "PyTorch, tuned")
NEEDED = ("torch", "onnx", "onnxruntime")


def measured(runtime: str, tile: int, filters: tuple[int, ...], size: tuple[int, int]) -> dict[str, float] | None:
    """Seconds and peak memory of one configuration; None if it ran out of memory or failed otherwise."""
    settings = json.dumps({"runtime": runtime, "tile": tile, "filters": filters, "size": size})
    command = [sys.executable, "-m", "benchmarks.inference_worker", settings]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(f"{runtime} on {size}: {(ended.stderr.splitlines() or ['killed'])[-1]}", file=sys.stderr)
        return None
    return json.loads(ended.stdout.splitlines()[-1])


def run(rounds: int, sizes: tuple[tuple[int, int], ...]) -> list[dict[str, Any]]:
    """Measure everything, the largest picture once: one record for each network, size and row."""
    records, times = [], {size: 1 if size == SIZES[-1] else rounds for size in sizes}
    with tqdm(total=len(NETWORKS) * sum(times.values()) * sum(map(len, ROWS.values())), disable=None) as bar:
        for filters, size in product(NETWORKS, sizes):
            found: dict[tuple[str, int], list[dict[str, float]]] = {}
            for _, (runtime, tile) in product(range(times[size]), [way for ways in ROWS.values() for way in ways]):
                if answer := measured(runtime, tile, filters, size):
                    found.setdefault((runtime, tile), []).append(answer)
                bar.update()
            records += [record(row, filters, size, found) for row in ROWS]
    return records


def record(
    row: str, filters: tuple[int, ...], size: tuple[int, int], found: dict[tuple[str, int], list[dict[str, float]]]
) -> dict[str, Any]:
    """A row's figures: medians of its fastest way."""
    ways = [(tile, found[runtime, tile]) for runtime, tile in ROWS[row] if (runtime, tile) in found]
    tile, answers = min(ways, key=lambda way: median(answer["seconds"] for answer in way[1]), default=(0, []))
    rates = [size[0] * size[1] / answer["seconds"] / 1e6 for answer in answers]
    return {
        "network": "-".join(map(str, filters)),
        "megapixels": round(size[0] * size[1] / 1e6, 2),
        "row": row,
        "tile": tile or "",
        "megapixels_per_second": round(median(rates), 2) if rates else "",
        "lowest": round(min(rates), 2) if rates else "",
        "highest": round(max(rates), 2) if rates else "",
        "peak_megabytes": round(max(answer["peak_bytes"] for answer in answers) / 2**20) if rates else "",
    }


def markdown(records: list[dict[str, Any]], rounds: int) -> str:
    """Page with the table and the machine."""
    versions = package_versions() | {name: metadata.version(name) for name in NEEDED if importlib.util.find_spec(name)}
    lines = [
        "# Inference speed",
        "",
        "Megapixels of output per second, and in parentheses the peak memory of the whole process. All columns but",
        "two restore a luma plane that is enlarged already; others compute valid convolutions, ours the borders as",
        "well. PyTorch as it comes is given the whole picture in its default layout. Tuned, its layers are channels",
        f"last, and it takes the whole picture or tiles of {' or '.join(map(str, TILES))} pixels (marked t), whichever",
        "is fastest; so do ONNX Runtime, OpenCV and oneDNN. Ours is Paddle Inference with OpenVINO, the last layer in",
        "blocks and a 5x5 layer before it by Winograd's convolution; the last columns are what else Paddle offers.",
        '"RGB to RGB" is all of `Upscaler`\'s work on 8-bit pixels at x3, bicubic alone that of three planes.',
        f"Medians of {rounds} rounds in which all ran in turn, of the largest picture one.",
        "Written by `python -m benchmarks.inference`.",
        "",
        f"- Machine: {processor_description()}, {core_count()} cores",
        f"- Commit: {code_commit()}",
        f"- Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}",
        "",
        f"| network | Mpixel | {' | '.join(ROWS)} | {' | '.join(f'ours / {rival}' for rival in RIVALS)} |",
        f"|---|---|{'---|' * (len(ROWS) + len(RIVALS))}",
    ]
    for start in range(0, len(records), len(ROWS)):
        group = {record["row"]: record for record in records[start : start + len(ROWS)]}
        first = next(iter(group.values()))
        cells = [
            f"{record['megapixels_per_second']}{' t' if record['tile'] else ''} ({record['peak_megabytes']} MB)"
            if record["megapixels_per_second"]
            else "failed"
            for record in group.values()
        ]
        for rival in RIVALS:
            rates = [group[row]["megapixels_per_second"] for row in ("ours", rival)]
            cells.append(f"{rates[0] / rates[1]:.2f}x" if all(rates) else "")
        lines.append(f"| {first['network']} | {first['megapixels']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rounds", type=positive, default=3, help="rounds of all but the largest picture (default %(default)s)"
    )
    parser.add_argument("--small", action="store_true", help="leave out the largest picture, which takes most of it")
    parser.add_argument(
        "--out", type=expanded, default=ROOT / "benchmarks", help="folder of the tables (default benchmarks)"
    )
    arguments = parser.parse_args()
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise UserError(f"{name}, to compare with, is not installed: run `pip install '.[bench]'`")
    records = run(arguments.rounds, SIZES[:-1] if arguments.small else SIZES)
    page = markdown(records, arguments.rounds)
    print(page)  # first, so that a folder that cannot be written to loses nothing
    write_text(arguments.out / "inference.csv", csv_text(records))
    write_text(arguments.out / "inference.md", page)


if __name__ == "__main__":
    run_command(main)
