"""The command `python -m paddle_srcnn`: convert the authors' weights, or export a network for use elsewhere.

The code lies in `paddle_srcnn/commands/weights.py`.
"""

from paddle_srcnn.commands.dispatcher import run

if __name__ == "__main__":
    run("weights:main", "python -m paddle_srcnn")
