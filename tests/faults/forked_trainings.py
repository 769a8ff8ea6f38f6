"""Run `train.py` in forks of one process that has imported Paddle: what takes seconds is done once for all of them.

Each line on stdin is a JSON object: the `arguments` of a training, and the `log` that its output is appended to. Two
lines on stdout answer it: the process, which leads a group of its own, and its exit status.
"""

import json
import os
import sys
from contextlib import suppress

import paddle_srcnn.training.trainer  # noqa: F401 -- what takes the seconds
from paddle_srcnn.commands import train
from paddle_srcnn.system.cli import run_command

for line in sys.stdin:
    wanted = json.loads(line)
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.argv = ["train.py", *wanted["arguments"]]
        run_command(train.main)
    with suppress(PermissionError):  # the fork was faster; both must try, so that the group is there in any case
        os.setpgid(process, process)
    print(process, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
