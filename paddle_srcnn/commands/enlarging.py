"""Enlarging of pictures, as `srcnn upscale` and `infer.py --upscale` share it: their options and their work."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from tqdm import tqdm

from paddle_srcnn.apps.batch import upscale_photos
from paddle_srcnn.apps.choice import MOST_BLOCKY_QUALITY
from paddle_srcnn.apps.networks import NETWORKS
from paddle_srcnn.apps.plan import OUTPUT_FORMATS, BatchOptions, ExistingFile
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import packaged_weights
from paddle_srcnn.reader import named_pictures
from paddle_srcnn.system.cli import positive, problem_line

__all__ = ["add_enlarging_options", "add_network_options", "enlarge", "factor"]

WEIGHTS = f"a .safetensors file, or one of {', '.join(packaged_weights())} (default: the best for the task)"

AUTO = f"for JPEGs of quality {MOST_BLOCKY_QUALITY} and below (auto, the default), all or none"
JPEG = f"network that removes the blocks of JPEG: {AUTO}"
NOISE = "network that removes noise, for scans and night photos (default off)"

NUMBER = r"(\d+\.?\d*|\.\d+)"


def factor(text: str) -> float:
    """Parse an option's factor: ``2``, ``2.5``, ``2x``, ``x2`` or ``200%``.

    Raises
    ------
    ArgumentTypeError
        If the text is anything else.
    """
    plain = text.strip().lower().replace("×", "x")
    for pattern, unit in ((f"x?{NUMBER}", 1), (f"{NUMBER}x", 1), (f"{NUMBER}%", 100)):
        if number := re.fullmatch(pattern, plain):
            return float(number[1]) / unit
    if re.fullmatch(r"\d+,\d+", plain):
        raise argparse.ArgumentTypeError(f"{text} may be one number or two: write {plain.replace(',', '.')} for one")
    raise argparse.ArgumentTypeError(f"{text!r} is no factor: write one from 1 to 8, such as 2, 2.5, 2x or 200%")


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a network and a device."""
    network = parser.add_mutually_exclusive_group()
    network.add_argument("--weights", metavar="NAME|FILE", help=WEIGHTS)
    network.add_argument("--model", choices=tuple(NETWORKS), help="network for luma (the default) or for all of RGB")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="device to compute on")


def add_enlarging_options(parser: argparse._ActionsContainer) -> list[argparse.Action]:
    """Add the options of enlarging, except the pictures, the factor and the results' folder; return them.

    Those named like a field of `BatchOptions` set it. None of them may have a default but None and False.
    """
    existing = parser.add_mutually_exclusive_group()
    return [
        parser.add_argument("--jpeg", choices=("auto", "on", "off"), help=JPEG),
        parser.add_argument("--noise", choices=("off", "low", "high"), help=NOISE),
        parser.add_argument("--fast", action="store_true", help="take 9-1-5, about three times as fast as 9-5-5"),
        parser.add_argument("--recursive", action="store_true", help="take pictures in folders of folders, too"),
        parser.add_argument("--format", choices=OUTPUT_FORMATS, help="format of the results (default: as read)"),
        parser.add_argument("--quality", type=positive, metavar="N", help="of jpg and webp, 1 to 100 (default 95)"),
        existing.add_argument("--overwrite", action="store_true", help="replace existing files, sources included"),
        existing.add_argument("--skip-existing", action="store_true", help="skip pictures whose results exist"),
        parser.add_argument("--suffix", metavar="TEXT", help="text added to names (default _x2 at a factor of 2)"),
        parser.add_argument("--compare", action="store_true", help="write a figure beside each: bicubic and this"),
        parser.add_argument("--max-memory", type=positive, metavar="MB", help="limit for a picture (default 4096)"),
    ]


def enlarge(arguments: argparse.Namespace, names: Sequence[str], scale: float) -> None:
    """Enlarge pictures; exit status 1 if some failed.

    Parameters
    ----------
    arguments : argparse.Namespace
        The options of both functions above, and ``out``.
    names : sequence of str
        Pictures as `named_pictures` takes them.
    scale : float

    Raises
    ------
    UserError
        If nothing can be enlarged.
    """
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    shared = {name: given[name] for name in given.keys() & BatchOptions.__annotations__.keys()}
    shared["existing"] = "replace" if arguments.overwrite else "skip" if arguments.skip_existing else "refuse"
    options = BatchOptions(**{**shared, "scale": scale})
    sources = named_pictures(names, recursive=arguments.recursive)
    try:
        outcome = upscale_photos(
            sources,
            options,
            progress=True,
            on_failure=lambda error: tqdm.write(problem_line(_advised(error)), sys.stderr),
            on_forecast=lambda line: print(line, flush=True),
        )
    except ExistingFile as error:
        raise _advised(error) from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt("--skip-existing goes on with the rest") from None
    print("\n".join(outcome.lines(options)))
    if outcome.failed:
        sys.exit(1)


def _advised(error: UserError) -> UserError:
    """Add the options that help to the problem of a file that exists."""
    if not isinstance(error, ExistingFile):
        return error
    return UserError(f"{error}: give --{'suffix' if error.is_source else 'skip-existing'} or --overwrite")
