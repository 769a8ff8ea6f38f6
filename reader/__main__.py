"""The command `python -m reader [fetch T91 ...]`: list the data sets and their folders, or fetch them.

The code lies in `paddle_srcnn/commands/data.py`.
"""

from paddle_srcnn.commands.dispatcher import run

if __name__ == "__main__":
    run("data:reader_command", "python -m reader")
