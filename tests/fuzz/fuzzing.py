"""Damaged files, read as commands read them: `python tests/fuzz/fuzzing.py FIRST STOP` tries the seeds in between.

PYTHONPATH has to name the repository and its `tests`.

The program prints every seed before it tries it, and the outcome after it. A file that takes more than 10 s ends the
process.
"""

import faulthandler
import json
import logging
import os
import re
import resource
import signal
import struct
import sys
import tempfile
import traceback
import zlib
from pathlib import Path

import numpy as np
from fuzz_files import valid_files
from safetensors import safe_open

from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.photos import read_photo
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reporting.curves import read_curve
from paddle_srcnn.system.files import write_safetensors
from paddle_srcnn.training.checkpoints import _digest, load_checkpoint  # forged files need right checksums

READERS = {
    "picture": (read_image, read_photo),
    "weights": (load_weights,),
    "checkpoint": (load_checkpoint,),
    "curve": (read_curve,),
}
SHARES = (0.6, 0.2, 0.1, 0.1)  # of each group
MEMORY = 2 << 30
SECONDS, SECONDS_WAITING = 10, 120  # of computing, and in all, since other programs may be at work
LARGEST_IMAGE = 16_000_000  # pixels, so that readers which take more memory than an image needs are found
LONGEST_MESSAGE = 10_100

NUMBERS = [0, 1, 2, 127, 128, 255, 2**15, 2**16 - 1, 2**16, 2**24, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]
FLOATS = [np.nan, np.inf, -np.inf, 3e38, -0.0]
WORDS = [*map(str, NUMBERS), "-1", "1e999", "NaN", "Infinity", "null", "true", '""', "[]", "{}", "[[]]", "9" * 5000]
WORDS += ['"\\n"', '"\\u0000"', '"\\ud800"', "I64", "BF16", "F8_E4M3", "BOOL", "[" * 3000, "\x1b[2J", "\r\n", '"', ","]
VALUES = [*NUMBERS, -1, 10**400, 1e308, float("nan"), None, True, "", "text", [], {}, [1], ["a"], {"a": 1}, [[[1]]]]
VALUES += ["\n", "\0", "\ud800", "\x1b[2J", "F16", "I64", "BF16", "F8_E4M3", "BOOL", "C64"]
TOKEN = re.compile(rb'"[^"]*"|[-\w.]+|[^\w\s]')


def an_offset(rng, length):
    """Draw an offset, half of the time one where headers are."""
    return int(rng.integers(0, max(1, min(length, 200) if rng.random() < 0.5 else length)))


def flip(rng, content, _):
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 9) if damaged else 0):
        damaged[an_offset(rng, len(damaged))] ^= 1 << int(rng.integers(8))
    return bytes(damaged)


def replace(rng, content, _):
    damaged = bytearray(content)
    for _ in range(rng.integers(1, 9) if damaged else 0):
        damaged[an_offset(rng, len(damaged))] = int(rng.integers(256))
    return bytes(damaged)


def truncate(rng, content, _):
    return content[: an_offset(rng, len(content))]


def repeat_block(rng, content, _):
    start, length = an_offset(rng, len(content)), int(rng.integers(1, 300))
    block = content[start : start + length] * int(rng.choice([1, 2, 50]))
    offset = start if rng.random() < 0.5 else an_offset(rng, len(content))
    return content[:offset] + block + content[offset:]


def remove_block(rng, content, _):
    start = an_offset(rng, len(content))
    return content[:start] + content[start + int(rng.integers(1, 300)) :]


def write_number(rng, content, _):
    offset, size = an_offset(rng, len(content)), int(rng.choice([1, 2, 4, 8]))
    if rng.random() < 0.2:
        number = struct.pack(rng.choice(["<f", ">f", "<d", ">d"]), rng.choice(FLOATS))
    else:
        number = int(rng.choice(np.array(NUMBERS, object))) % 256**size
        number = number.to_bytes(size, str(rng.choice(["little", "big"])))
    return content[:offset] + number + content[offset + len(number) :]


def splice(rng, content, other):
    return content[: an_offset(rng, len(content))] + other[an_offset(rng, len(other)) :]


def change_text(rng, content, _):
    """Replace, repeat or remove a word, a number or a sign."""
    tokens = list(TOKEN.finditer(content[:20_000]))
    if not tokens:
        return content
    first, second = (tokens[int(index)] for index in rng.integers(0, len(tokens), 2))
    new = rng.choice(3)
    word = (str(rng.choice(WORDS)).encode(), second.group(), b"")[new]
    return content[: first.start()] + word + content[first.end() :]


def change_json(rng, content, _):
    """Replace, rename or remove one value of a JSON text."""
    try:
        root = json.loads(content)
    except (ValueError, RecursionError):
        return change_text(rng, content, _)
    entries, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else []
        entries += [(node, key, node[key]) for key in keys]
        waiting += [node[key] for key in keys]
    if entries:
        node, key, _ = entries[int(rng.integers(len(entries)))]
        node.pop(key)
        if rng.random() < 0.9:
            *_, borrowed = entries[int(rng.integers(len(entries)))]
            new = [*VALUES, borrowed][int(rng.integers(len(VALUES) + 1))]
            node.insert(key, new) if isinstance(node, list) else node.update({key: new})
    try:
        return json.dumps(root).encode()
    except (ValueError, RecursionError):  # a value within itself
        return content


BYTES = (flip, replace, truncate, repeat_block, remove_block, write_number, write_number, splice)


def damage(rng, content, other, ways=BYTES):
    for _ in range(int(rng.integers(1, 4))):
        content = ways[int(rng.integers(len(ways)))](rng, content, other)
    return content


def with_right_checksums(content):
    """Give the chunks of a PNG right checksums, so that they are believed."""
    made, start = content[:8], 8
    while start + 12 <= len(content):
        length = int.from_bytes(content[start : start + 4], "big")
        body = content[start + 4 : start + 8 + length]
        made += content[start : start + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        start += 12 + length
    return made


def damaged_rows(rng, content, other):
    """Damage compressed bytes in one of the chunks of a PNG."""
    name = b"IDAT" if rng.random() < 0.7 else b"iCCP"
    start = content.find(name)
    if start < 0:
        return damage(rng, content, other)
    length = int.from_bytes(content[start - 4 : start], "big")
    skipped = 13 if name == b"iCCP" else 0
    try:
        rows = zlib.decompress(content[start + 4 + skipped : start + 4 + length])
    except zlib.error:
        return content
    rows = b"\0" * 100_000_000 if rng.random() < 0.01 else damage(rng, rows, rows)
    data = content[start + 4 : start + 4 + skipped] + zlib.compress(rows, 1)
    chunk = len(data).to_bytes(4, "big") + name + data + b"sums"
    return content[: start - 4] + chunk + content[start + 8 + length :]


def damaged_header(rng, content, _):
    """Damage the header of a safetensors file, and give its length right."""
    end = 8 + int.from_bytes(content[:8], "little")
    header = damage(rng, content[8:end], content[8:end], (change_json, change_json, change_json, change_text, flip))
    return len(header).to_bytes(8, "little") + header + content[end:]


def compressed_elements(content):
    """Compress each element of a MATLAB file."""
    made, start = content[:128], 128
    while start + 8 <= len(content):
        size = int.from_bytes(content[start + 4 : start + 8], "little")
        data = zlib.compress(content[start : start + 8 + size])
        made += struct.pack("<II", 15, len(data)) + data
        start += 8 + size
    return made


def believed_checkpoint(rng, path):
    """Write a checkpoint with damaged content and the checksum of that content."""
    path.write_bytes(valid_files()["checkpoint"]["c.safetensors"])
    state = dict(load_checkpoint(path).state)
    with safe_open(path, framework="numpy") as file:
        text = file.metadata()["checkpoint"].encode()
    text = damage(rng, text, text, (*(change_json,) * 8, change_text, remove_block)).decode("utf-8", "replace")
    if rng.random() < 0.3:
        state["conv1.bias"] = np.zeros(int(rng.integers(9)), rng.choice(["float64", "int8", "bool"]))
    write_safetensors(path, state, {"checkpoint": text, "sha256": _digest(text, state)})


def write_damaged(seed, folder):
    """Write the file of a seed, and return its group and path."""
    rng = np.random.default_rng(seed)
    group = str(rng.choice(list(READERS), p=SHARES))
    files = valid_files()[group]
    name, other = (str(one) for one in rng.choice(list(files), 2))
    path, content = folder / name, files[name]
    if group == "checkpoint" and rng.random() < 0.5:
        believed_checkpoint(rng, path)
        return group, path
    if name.endswith(".safetensors") and rng.random() < 0.6:
        content = damaged_header(rng, content, files[other])
    elif name.endswith(".png") and rng.random() < 0.4:
        content = damaged_rows(rng, content, files[other])
    else:
        content = damage(rng, content, files[other], (*BYTES, *(change_text,) * 9) if group == "curve" else BYTES)
    if name.endswith(".png") and rng.random() < 0.8:
        content = with_right_checksums(content)
    if name in ("plain.mat", "odd.mat") and rng.random() < 0.5:
        content = compressed_elements(content)
    path.write_bytes(content)
    return group, path


def problem_of(read, path):
    """Read a file, and return the problem with that, if any, and the outcome; a `UserError` that names it is none."""
    try:
        read(path)
    except UserError as error:
        text = one_line(error)
        if str(path) not in text or not text.isprintable() or len(text) > LONGEST_MESSAGE:
            return f"message: {text!r}", "refused"
        if isinstance(error.__context__, MemoryError) or "memory" in text.lower():
            return f"memory: {text!r}", "refused"
        return "", "refused"
    except BaseException:
        return traceback.format_exc(), "crashed"
    return "", "read"


def limit_resources():
    os.environ["SRCNN_MAX_PIXELS"] = str(LARGEST_IMAGE)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGESIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(first, stop):
    valid_files()
    logging.getLogger("paddle_srcnn").addHandler(logging.NullHandler())  # notes on what was read
    limit_resources()
    terminal = os.dup(2)
    faulthandler.enable(terminal)
    sys.excepthook = lambda *error: os.write(terminal, "".join(traceback.format_exception(*error)).encode())
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        for seed in range(first, stop):
            print(json.dumps({"seed": seed}), flush=True)
            group, path = write_damaged(seed, Path(folder))
            for read in READERS[group]:
                signal.setitimer(signal.ITIMER_PROF, SECONDS)  # nobody handles these signals, so they end the process
                signal.setitimer(signal.ITIMER_REAL, SECONDS_WAITING)
                problem, outcome = problem_of(read, path)
                signal.setitimer(signal.ITIMER_PROF, 0)
                signal.setitimer(signal.ITIMER_REAL, 0)
                if said.tell():
                    said.seek(0)
                    problem = problem or f"on stderr: {said.read().decode(errors='replace')}"
                    said.truncate(0)
                    said.seek(0)
                told = {"kind": f"{group} {path.name}", "by": read.__name__, "outcome": outcome, "problem": problem}
                print(json.dumps(told), flush=True)
            path.unlink()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
