import os
import shutil
import signal
import subprocess
import sys
import threading

import pytest
from helpers import ROOT, assert_one_line, contents, needs_paddle

from paddle_srcnn.commands import train
from paddle_srcnn.reporting.curves import read_curve
from paddle_srcnn.system.files import text_of


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["--exp", "--list"]),
        (["--exp"], ["--exp"]),
        (["--exp", "nope"], ["nope", "baseline"]),
        (["--exp", "baseline", "--list"], ["--list"]),
        (["--exp", "baseline", "--epochs", "0"], ["--epochs"]),
        (["--exp", "baseline", "--epochs", "-1"], ["--epochs"]),
        (["--exp", "baseline", "--epochs", "abc"], ["--epochs", "abc", "whole number"]),
        (["--exp", "baseline", "--epochs", "1.5"], ["--epochs", "1.5"]),
        (["--exp", "baseline", "--batch-size", "0"], ["--batch-size"]),
        (["--exp", "baseline", "--seed", "x"], ["--seed"]),
        (["--exp", "baseline", "--seed", "-1"], ["--seed"]),
        (["--exp", "baseline", "--device", "tpu"], ["--device", "tpu"]),
        (["--exp", "baseline", "--speed", "9"], ["--speed"]),
    ],
)
def test_wrong_options_of_train_are_one_line(command, arguments, words):
    assert_one_line(command(train, *arguments), "train", *words)


def test_list_shows_the_published_number(command):
    status, stdout, stderr = command(train, "--list")
    assert (status, stderr) == (0, "")
    header, *rows = stdout.splitlines()
    assert "published" in header
    (baseline,) = (row for row in rows if row.startswith("baseline "))
    assert "9-1-5" in baseline
    assert "35.25" in baseline


@needs_paddle
@pytest.mark.parametrize("option", ["--train-data", "--val-data"])
@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("nowhere", "nowhere does not exist"),
        ("empty", "empty holds no image"),
        ("text", "text.bmp"),
        ("cut_png", "cut.png"),
        ("cut_jpg", "cut.jpg"),
        ("cut_bmp", "cut.bmp"),
        ("cut_tif", "cut.tif"),
        ("tiny", "tiny.png"),
    ],
)
def test_useless_data_are_one_line(command, pictures, options, tmp_path, option, folder, named):
    arguments = [*options, option, pictures / folder, "--out", tmp_path / "out"]
    assert_one_line(command(train, "--exp", "baseline", *arguments), "train", named)
    assert not (tmp_path / "out").exists()


@needs_paddle
def test_pictures_smaller_than_a_patch_are_counted(command, pictures, options, tmp_path):
    shutil.copytree(pictures / "train", tmp_path / "train")
    shutil.copy(pictures / "small" / "small.png", tmp_path / "train")
    arguments = [*options, "--train-data", tmp_path / "train", "--epochs", 1, "--out", tmp_path / "out"]
    status, stdout, stderr = command(train, "--exp", "baseline", *arguments)
    assert (status, stderr) == (0, "")
    assert "2 images, 8 patches, 1 images smaller than a patch skipped" in stdout.splitlines()[0]
    arguments += ["--train-data", pictures / "small"]
    assert_one_line(command(train, "--exp", "baseline", *arguments), "train", "small.png")


@needs_paddle
@pytest.mark.parametrize("out", ["file/out", "file", "n" * 300], ids=["below a file", "a file", "long name"])
def test_unwritable_out_is_one_line(command, options, tmp_path, out):
    (tmp_path / "file").write_text("no folder")
    result = command(train, "--exp", "baseline", *options, "--out", tmp_path / out)
    assert_one_line(result, "train", tmp_path / out)
    assert contents(tmp_path) == {"file": b"no folder"}


@needs_paddle
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs the right to become another user")
def test_out_without_permission_is_one_line(options, tmp_path):
    """As another user, whom the permissions of the folder bind; writing its files is all that is tried."""
    (tmp_path / "locked").mkdir(mode=0o700)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from paddle_srcnn.system.cli import run_command\n"
        "from paddle_srcnn.system.files import set_aside, write_text\n"
        "os.setuid(65534)\n"
        f"folder = Path({str(tmp_path / 'locked' / 'out')!r})\n"
        "run_command(lambda: (set_aside(folder, ('a',)), write_text(folder / 'a', 'text')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.count("\n") == 1, done.stderr
    assert (done.returncode, "Permission denied" in done.stderr) == (2, True)


@pytest.fixture(scope="module")
def finished_out(options, tmp_path_factory):
    out = tmp_path_factory.mktemp("finished") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["train.py", "--exp", "baseline", "--epochs", "2", "--out", str(out)])
        sys.argv += map(str, options)
        train.main()
    return out


@needs_paddle
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--exp", "baseline_shuffled"], ["checkpoint.safetensors", "name baseline, not baseline_shuffled"]),
        (["--exp", "baseline", "--seed", 5], ["checkpoint.safetensors", "seed 0, not 5"]),
        (["--exp", "baseline", "--batch-size", 4], ["batch_size 3, not 4"]),
        (["--exp", "baseline", "--epochs", 1], ["--epochs: ", "epoch 2"]),
    ],
)
def test_wrong_resume_is_one_line_and_loses_nothing(command, finished_out, options, tmp_path, arguments, words):
    out = shutil.copytree(finished_out, tmp_path / "out")
    assert_one_line(command(train, *options, *arguments, "--out", out, "--resume"), "train", *words)
    assert contents(out) == contents(finished_out)


@needs_paddle
@pytest.mark.parametrize("folder", ["text", "empty", "tiny"])
def test_failed_run_leaves_earlier_results(command, finished_out, pictures, options, tmp_path, folder):
    out = shutil.copytree(finished_out, tmp_path / "out")
    arguments = [*options, "--train-data", pictures / folder, "--out", out]
    assert_one_line(command(train, "--exp", "baseline", *arguments), "train")
    assert contents(out) == contents(finished_out)


@needs_paddle
def test_nothing_to_resume_is_one_line(command, options, tmp_path):
    arguments = [*options, "--out", tmp_path / "out", "--resume"]
    result = command(train, "--exp", "baseline", *arguments)
    assert_one_line(result, "train", tmp_path / "out" / "checkpoint.safetensors", "--resume")


@needs_paddle
def test_result_is_printed_with_its_protocol(command, options, tmp_path):
    arguments = [*options, "--epochs", 1, "--out", tmp_path / "out"]
    status, stdout, stderr = command(train, "--exp", "baseline", *arguments)
    assert (status, stderr) == (0, "")
    (final,) = (line for line in stdout.splitlines() if line.startswith("final: "))
    score = read_curve(tmp_path / "out" / "curve.csv")[-1].score
    assert f"{score.psnr_mean_db:.2f} dB mean, {score.psnr_pooled_db:.2f} dB pooled" in final
    assert "protocol `article`" in final
    assert str(tmp_path / "out") in stdout.splitlines()[-1]


@needs_paddle
@pytest.mark.end_to_end
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_real_run_stopped_with_ctrl_c_goes_on_to_the_same_curve(command, options, tmp_path, number):
    """`python train.py` itself, stopped somewhere after its third epoch."""
    out = tmp_path / "out"
    arguments = [*map(str, ["--exp", "baseline_shuffled", *options, "--out", out])]
    line = [sys.executable, "train.py", *arguments, "--epochs", "100000"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)  # a run that says nothing must not hold up the others
        watchdog.start()
        for printed in process.stdout:
            if printed.startswith("epoch 3:"):
                process.send_signal(number)
                break
        _, stderr = process.communicate()
        watchdog.cancel()
    assert process.returncode == 128 + number
    assert stderr == f"train.py: interrupted: the state after the last evaluation is in {out}; --resume goes on\n"
    stopped = contents(out)
    assert sorted(stopped) == ["checkpoint.previous.safetensors", "checkpoint.safetensors", "curve.csv"]
    epochs = read_curve(out / "curve.csv")[-1].epoch + 2
    assert epochs >= 5
    assert command(train, *arguments, "--epochs", epochs, "--resume")[0] == 0
    assert (out / "curve.csv").read_bytes().startswith(stopped["curve.csv"])
    assert command(train, *arguments, "--epochs", epochs, "--out", tmp_path / "whole")[0] == 0
    assert (out / "curve.csv").read_bytes() == (tmp_path / "whole" / "curve.csv").read_bytes()


def test_patches_are_for_recipes_that_draw_them(command, tmp_path):
    assert_one_line(command(train, "--exp", "baseline", "--patches", 5, "--out", tmp_path), "train", "--patches")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments", [("--exp", "sr_9-1-5_x2", "--patches", 10**30), ("--exp", "baseline", "--workers", 10**6)]
)
def test_more_than_can_be_is_refused_at_once(command, tmp_path, arguments):
    assert_one_line(command(train, *arguments, "--out", tmp_path / "out"), "train", arguments[2], str(arguments[3]))
    assert not (tmp_path / "out").exists()


@needs_paddle
@pytest.mark.parametrize("name", [os.fsdecode(b"\xe9t\xe9"), "鸟"])
def test_pictures_and_folders_of_any_name_are_trained_on(write_noise, tmp_path, name):
    folder = tmp_path / name
    write_noise(folder / f"{name}.png", 60, 60)
    arguments = ["--exp", "baseline", "--epochs", "1", "--train-data", folder, "--val-data", folder, "--out", tmp_path]
    done = subprocess.run([sys.executable, ROOT / "train.py", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    assert f"psnr_{text_of(name)}_db" in (tmp_path / "curve.csv").read_text(encoding="utf-8")
    assert {"summary.json", "weights.safetensors", "curve.png"} <= contents(tmp_path).keys()


@pytest.mark.parametrize("option", ["--train-data", "--val-data"])
@pytest.mark.parametrize("folder", [".", "out", "link"])
def test_results_among_the_pictures_are_refused(command, write_noise, tmp_path, monkeypatch, option, folder):
    monkeypatch.chdir(tmp_path)
    write_noise(tmp_path / "out" / "a.png", 60, 60)
    (tmp_path / "link").symlink_to("out")
    result = command(train, "--exp", "baseline", option, folder, "--out", "out")
    assert_one_line(result, "train", f"within {option} {folder}", "--out")
    assert contents(tmp_path).keys() == {"out/a.png"}


@needs_paddle
@pytest.mark.parametrize(
    "environment",
    [{"PADDLE_TRAINER_ID": "x"}, {"PADDLE_TRAINER_ID": "0", "PADDLE_TRAINERS_NUM": "-1"}, {"PADDLE_LOCAL_SIZE": "1.5"}],
)
def test_nonsense_of_a_launcher_is_one_line(options, tmp_path, environment):
    line = [sys.executable, ROOT / "train.py", "--exp", "baseline", *map(str, options), "--out", tmp_path / "out"]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    assert_one_line((ended.returncode, ended.stdout, ended.stderr), "train", list(environment)[-1])
