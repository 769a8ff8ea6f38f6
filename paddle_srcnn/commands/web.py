"""The command `srcnn web`: a page in the browser that enlarges pictures."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import webbrowser

from paddle_srcnn.apps.plan import BatchOptions
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import CommandParser, positive

try:
    from paddle_srcnn.apps.web.serving import served_page
except ModuleNotFoundError as error:
    raise UserError(f"the page needs {error.name}: pip install 'paddle-srcnn[web]'") from None

__all__ = ["main"]

DESCRIPTION = """\
Enlarge pictures on a page in the browser.

The page is for this machine alone: it listens on 127.0.0.1, and its address holds a secret. Pictures and results lie in
a temporary folder, which the program removes when it ends. Ctrl-C ends it.
"""
LARGEST_PORT = 65535


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=port, default=0, metavar="N", help="port of 127.0.0.1 (default: a free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only, do not open it")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="device to compute on")
    parser.add_argument(
        "--max-memory",
        type=positive,
        default=BatchOptions.max_memory,
        metavar="MB",
        help="limit for a picture (default %(default)s)",
    )
    arguments = parser.parse_args()
    with served_page(port=arguments.port, device=arguments.device, max_memory=arguments.max_memory) as page:
        print(f"{page.address}\nOpen this address in a browser of this machine. Ctrl-C ends the program.", flush=True)
        if not arguments.no_browser and has_window():
            threading.Thread(target=webbrowser.open, args=[page.opening], daemon=True).start()  # some wait for the end
        page.enlarging.run()


def port(text: str) -> int:
    """Parse a port.

    Raises
    ------
    ArgumentTypeError
        If the text is no port's number.
    """
    number = positive(text)
    if number > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{number} is above {LARGEST_PORT}")
    return number


def has_window() -> bool:
    """Tell whether a browser can open a window. Without one, Python would start a browser for texts in the terminal."""
    variables = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return not sys.platform.startswith("linux") or any(map(os.environ.get, variables))
