"""Score weights on sets of images: `python experiments/evaluate.py --weights sr_9-5-5_x3`.

The code lies in `paddle_srcnn/commands/evaluate.py`.
"""

from paddle_srcnn.commands.dispatcher import run

if __name__ == "__main__":
    run("evaluate:main")
