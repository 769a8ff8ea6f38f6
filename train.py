"""Train a network by its recipe: `python train.py --exp baseline`.

The code lies in `paddle_srcnn/commands/train.py`.
"""

from paddle_srcnn.commands.dispatcher import run

if __name__ == "__main__":
    run("train:main")
