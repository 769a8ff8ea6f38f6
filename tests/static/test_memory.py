"""Memory of the largest training, in a process of its own."""

import subprocess
import sys

import pytest
from helpers import ROOT, needs_paddle

LIMIT_KIB = 2 * 1024 * 1024

PROGRAM = """
from pathlib import Path
import numpy as np
from paddle_srcnn.static.backend import choose_device
from paddle_srcnn.system.environment import core_count
from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.static.training_program import TrainingProgram
from paddle_srcnn.static.cpu import choose_plan
from paddle_srcnn.recipes import RECIPES

recipe, device = RECIPES["filter_9-5-5"], choose_device("cpu")
plan = choose_plan(recipe.architecture, device, threads=core_count(), batch_size=128)
program = TrainingProgram(recipe.architecture, recipe.schedule.learning_rates, plan)
program.set_state(initial_parameters(recipe.architecture, std=0.001, rng=np.random.default_rng(0)))
batch = [(np.zeros((1, 33, 33), np.uint8), np.zeros((1, 17, 17), np.uint8))] * 128
for _ in range(5):
    program.step(batch)
# Not getrusage, whose peak begins at that of the process that started this one.
print(next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""


@needs_paddle
@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's count of memory")
def test_9_5_5_at_batch_128_stays_under_2_gib():
    done = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 100 * 1024 < int(done.stdout) < LIMIT_KIB
