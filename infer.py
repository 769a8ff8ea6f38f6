"""Enlarge pictures: `python infer.py --image holiday/ --upscale 3`; or, without --upscale, the article's demonstration.

The code lies in `paddle_srcnn/commands/infer.py`.
"""

from paddle_srcnn.commands.dispatcher import run

if __name__ == "__main__":
    run("infer:main")
