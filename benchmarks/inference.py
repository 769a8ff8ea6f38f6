"""Speed and memory on whole images: this project, PyTorch, ONNX Runtime and OpenCV's dnn module, side by side.

``python -m benchmarks.inference`` measures all of them in turn, round after round, each in its own process. Drifts of
the machine's speed then meet all alike. The command takes medians of the rounds. The largest image takes longest and
has one round. The command writes benchmarks/inference.md and benchmarks/inference.csv.
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
# Rows of the table: runtimes and sizes of tiles, 0 for none; the table shows the fastest. The last rows are Paddle's
# other ways on a CPU.
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
    """Measure seconds and peak memory of one configuration; return None if it fails, for want of memory for example."""
    settings = json.dumps({"runtime": runtime, "tile": tile, "filters": filters, "size": size})
    command = [sys.executable, "-m", "benchmarks.inference_worker", settings]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        print(f"{runtime} on {size}: {(ended.stderr.splitlines() or ['killed'])[-1]}", file=sys.stderr)
        return None
    return json.loads(ended.stdout.splitlines()[-1])


def run(rounds: int, sizes: tuple[tuple[int, int], ...]) -> list[dict[str, Any]]:
    """Measure everything, the largest image once; return a record for each network, size and row."""
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
    """Return a row's figures: medians of its fastest way."""
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
    """Return the page with the table and the machine."""
    versions = package_versions() | {name: metadata.version(name) for name in NEEDED if importlib.util.find_spec(name)}
    tiles = " or ".join(map(str, TILES))
    lines = [
        "# Inference speed",
        "",
        "The table shows megapixels of output per second and, in parentheses, the peak memory of the whole process.",
        "",
        "- All columns but two restore an upscaled luma channel. Others compute valid convolutions. Ours also computes",
        "  the border.",
        '- "PyTorch, as it comes" takes the whole image in its default layout.',
        f'- "PyTorch, tuned" has its channels last. It takes the whole image or tiles of {tiles} pixels (marked t),',
        "  whichever is fastest. ONNX Runtime, OpenCV and oneDNN do the same.",
        '- "ours" is Paddle Inference with OpenVINO. It computes the last layer in blocks. It computes a 5x5 layer',
        "  before that by Winograd's convolution. The two Paddle columns are Paddle's other ways.",
        '- "ours, RGB to RGB" is all of `Upscaler`\'s work on 8-bit pixels at x3. "bicubic alone" upscales three',
        "  channels.",
        "",
        f"Figures are medians of {rounds} rounds in which all ran in turn. The largest image has one round.",
        "`python -m benchmarks.inference` writes this page.",
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
        "--rounds", type=positive, default=3, help="rounds of all but the largest image (default %(default)s)"
    )
    parser.add_argument(
        "--small", action="store_true", help="leave out the largest image, which takes most of the time"
    )
    parser.add_argument(
        "--out", type=expanded, default=ROOT / "benchmarks", help="folder of the tables (default benchmarks)"
    )
    arguments = parser.parse_args()
    for name in NEEDED:
        if importlib.util.find_spec(name) is None:
            raise UserError(
                f"{name}, which this benchmark compares with, is not installed: run `pip install '.[bench]'`"
            )
    records = run(arguments.rounds, SIZES[:-1] if arguments.small else SIZES)
    page = markdown(records, arguments.rounds)
    print(page)  # first: a folder that cannot be written to loses nothing then
    write_text(arguments.out / "inference.csv", csv_text(records))
    write_text(arguments.out / "inference.md", page)


if __name__ == "__main__":
    run_command(main)
