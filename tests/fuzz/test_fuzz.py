"""Thousands of damaged files of all formats: each is read, or refused in one line.

`SRCNN_FUZZ=100000` tries more. `SRCNN_FUZZ=1 SRCNN_FUZZ_FIRST=SEED` tries one again.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from helpers import ROOT

FILES = int(os.environ.get("SRCNN_FUZZ") or 2400)
FIRST = int(os.environ.get("SRCNN_FUZZ_FIRST") or 0)
AT_A_TIME = 400
FAULTS_SHOWN = 20


def tried(first, stop):
    """Try the seeds from `first` to `stop` in processes, and return counts of outcomes and the list of faults."""
    counts, faults = Counter(), []
    while first < stop:
        line = [sys.executable, ROOT / "tests" / "fuzz" / "fuzzing.py", str(first), str(stop)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"))),
            "OMP_NUM_THREADS": "1",
        }
        ended = subprocess.run(line, capture_output=True, text=True, env=environment, check=False)
        for told in map(json.loads, ended.stdout.splitlines()):
            if "seed" in told:
                seed = told["seed"]
                continue
            counts[told["kind"].split()[0], told["by"], told["outcome"]] += 1
            if told["problem"]:
                faults.append(f"seed {seed}, {told['kind']} by {told['by']}: {told['problem']}")
        if ended.returncode == 0:
            break
        assert ended.stdout, ended.stderr
        faults.append(f"seed {seed} ended the process with {ended.returncode}: {ended.stderr}")
        first = seed + 1
    return counts, faults


def test_damaged_files_are_read_or_refused_in_one_line(capsys):
    starts = range(FIRST, FIRST + FILES, AT_A_TIME)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda first: tried(first, min(first + AT_A_TIME, FIRST + FILES)), starts))
    counts = sum((counts for counts, _ in results), Counter())
    faults = [fault for _, found in results for fault in found]
    with capsys.disabled():
        print(f"\n{FILES} damaged files, {len(faults)} faults")
        for (group, reader, outcome), count in sorted(counts.items()):
            print(f"  {group:10} by {reader:15} {outcome:7} {count:6}")
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:FAULTS_SHOWN]])
    for group, reader, _ in counts if FILES >= 2000 else ():  # one file has one outcome
        assert {"read", "refused"} <= {outcome for one, by, outcome in counts if (one, by) == (group, reader)}
