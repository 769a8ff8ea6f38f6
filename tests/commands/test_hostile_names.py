"""Files with names of all kinds, links in circles and vanishing files, through the steps of `infer.py --upscale`."""

import os
import sys

import pytest
from doubled import DoubledNetworks

from paddle_srcnn.apps.batch import upscale_files
from paddle_srcnn.apps.plan import BatchOptions, check_files, plan_tasks
from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.reader import named_pictures
from paddle_srcnn.system.cli import problem_line

NAMES = ["-rf.png", "--help.png", "a\nb.png", "a\tb.png", "'; rm -r ~ #.png", '"$(true)`.png', "a\\b.png", "%s{0}.png"]
NAMES += ["\x1b[2Jclear.png", "\u202egnp.exe.png", os.fsdecode(b"\xff\xfe.png"), "*.png", "[a].png", "~.png", " .png"]


def enlarge(tmp_path, *names, recursive=False):
    options = BatchOptions(scale=2, out=tmp_path / "out")
    tasks = plan_tasks(named_pictures(names, recursive=recursive), options)
    check_files(tasks, existing="refuse")
    return lambda: upscale_files(tasks, DoubledNetworks(), options, on_failure=print_failure)


def print_failure(error):
    print(problem_line(error), file=sys.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_pictures_of_any_name_are_enlarged(tmp_path, write_noise, monkeypatch, name):
    write_noise(tmp_path / "in" / name, 4, 5)
    assert enlarge(tmp_path, str(tmp_path / "in"))().upscaled == 1
    assert [file.name for file in (tmp_path / "out").iterdir()] == [name.replace(".png", "_x2.png")]
    monkeypatch.chdir(tmp_path / "in")
    assert [str(file) for file, _ in named_pictures([f"./{name}"], recursive=False)] == [name]


@pytest.mark.parametrize("name", NAMES)
def test_damaged_pictures_of_any_name_are_one_line(tmp_path, capfd, name):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_text("no picture")
    assert enlarge(tmp_path, str(tmp_path / "in"))().failed == 1
    told = capfd.readouterr().err
    assert told.count("\n") == 1
    assert told.strip().isprintable()
    assert ".png is no picture of a kind that is read" in told


def test_files_that_vanish_or_cannot_be_read_stop_no_others(tmp_path, write_noise, capfd):
    for name in "abcde":
        write_noise(tmp_path / "in" / f"{name}.png", 4, 5)
    go = enlarge(tmp_path, str(tmp_path / "in"))
    (tmp_path / "in" / "a.png").unlink()
    (tmp_path / "in" / "b.png").unlink()
    (tmp_path / "in" / "b.png").mkdir()
    (tmp_path / "in" / "c.png").unlink()
    os.mkfifo(tmp_path / "in" / "c.png")
    (tmp_path / "in" / "d.png").unlink()
    (tmp_path / "in" / "d.png").symlink_to("d.png")
    outcome = go()
    assert (outcome.upscaled, outcome.failed) == (1, 4)
    lines = capfd.readouterr().err.splitlines()
    assert [next(name for name in "abcde" if f"/{name}.png cannot be read" in line) for line in lines] == [*"abcd"]


@pytest.mark.parametrize("recursive", [False, True])
def test_links_in_circles_are_passed_over_or_named(tmp_path, write_noise, capfd, recursive):
    write_noise(tmp_path / "in" / "a.png", 4, 5)
    (tmp_path / "in" / "self.png").symlink_to("self.png")
    (tmp_path / "in" / "one.png").symlink_to("two.png")
    (tmp_path / "in" / "two.png").symlink_to("one.png")
    (tmp_path / "in" / "dangling.png").symlink_to("nowhere.png")
    (tmp_path / "in" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "in" / "folder").symlink_to("folder")
    outcome = enlarge(tmp_path, str(tmp_path / "in"), recursive=recursive)()
    assert (outcome.upscaled, outcome.failed) == (1, 4)
    assert capfd.readouterr().err.count("\n") == 4


@pytest.mark.parametrize("name", ["self", "self.png", "self/a.png"])
def test_link_to_itself_is_no_picture(tmp_path, name):
    for file in ("self", "self.png"):
        (tmp_path / file).symlink_to(file)
    with pytest.raises(UserError, match="does not exist"):
        named_pictures([str(tmp_path / name)], recursive=True)


def test_messages_are_one_line_of_what_a_terminal_shows():
    message = one_line(UserError("a\nb\r\n\x1b[2J\0 \u202e \udcff \u2028 end\t"))
    assert message == r"a b \x1b[2J\x00 \u202e \udcff end"
    assert len(one_line(UserError("x" * 10**6 + ": mend it"))) < 10_100
    assert one_line(UserError("x" * 10**6 + ": mend it")).endswith(": mend it")
