import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data as photographs

import infer
import train
from paddle_srcnn.architecture import Architecture
from paddle_srcnn.curves import read_curve
from paddle_srcnn.errors import UserError, run_command
from paddle_srcnn.images import read_image
from paddle_srcnn.weights import Weights, load_weights, save_weights

ROOT = Path(__file__).parents[1]
needs_paddle = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import importlib.util as u; raise SystemExit(not u.find_spec('paddle'))"]
    ).returncode,
    reason="needs PaddlePaddle",
)


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command in this process, as `python train.py ...` would: exit status, stdout and stderr."""

    def run(module, *arguments):
        monkeypatch.setattr(sys, "argv", [f"{module.__name__}.py", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command(module.main)
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def pictures(write_noise, tmp_path_factory):
    """Folders of pictures, good and bad."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed in (0, 1):
        write_noise(folder / "train" / f"{seed}.bmp", 60, 60, seed=seed)
    write_noise(folder / "val" / "v.png", 50, 50, seed=2)
    write_noise(folder / "small" / "small.png", 33, 90)
    write_noise(folder / "tiny" / "tiny.png", 12, 40)
    (folder / "empty").mkdir()
    (folder / "text").mkdir()
    (folder / "text" / "text.bmp").write_text("no picture\n" * 50)
    for suffix in ("png", "jpg", "bmp", "tif"):
        whole = write_noise(folder / f"cut_{suffix}" / f"cut.{suffix}", 60, 60)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return folder


@pytest.fixture(scope="module")
def options(pictures):
    return ["--train-data", pictures / "train", "--val-data", pictures / "val", "--batch-size", 3, "--device", "cpu"]


@pytest.fixture(scope="module")
def random_weights(tmp_path_factory):
    """Files of weights: `basic` for luma, `colour` for three channels."""
    folder = tmp_path_factory.mktemp("weights")
    rng = np.random.default_rng(0)
    for name, channels in (("basic", 1), ("colour", 3)):
        network = Architecture((9, 1, 5), (64, 32), channels)
        parameters = {}
        for i, shape in enumerate(network.weight_shapes, 1):
            parameters[f"conv{i}.weight"] = rng.normal(0, 0.05, shape).astype(np.float32)
            parameters[f"conv{i}.bias"] = np.zeros(shape[0], np.float32)
        save_weights(folder / f"{name}.safetensors", Weights(network, parameters, {}))
    return folder


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_one_line(result, program, *words):
    status, _, stderr = result
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith(f"{program}.py: error: "), stderr
    for word in words:
        assert str(word) in stderr, stderr
    assert status == 2


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
    assert "35.25 dB" in baseline


@needs_paddle
@pytest.mark.parametrize("option", ["--train-data", "--val-data"])
@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("nowhere", "nowhere does not exist"),
        ("empty", "empty holds no picture"),
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
    assert "2 pictures, 8 patches, 1 pictures smaller than a patch skipped" in stdout.splitlines()[0]
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
        "from paddle_srcnn.errors import run_command\n"
        "from paddle_srcnn.files import set_aside, write_text\n"
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
        (["--exp", "baseline", "--epochs", 1], ["--epochs 1", "epoch 2"]),
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
def test_real_run_stopped_with_ctrl_c_goes_on_to_the_same_curve(command, options, tmp_path):
    """`python train.py` itself, stopped somewhere after its third epoch."""
    program = (
        "import runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # which a shell's background jobs ignore
        "sys.argv[0] = 'train.py'\n"
        "runpy.run_path('train.py', run_name='__main__')\n"
    )
    out = tmp_path / "out"
    arguments = [*map(str, ["--exp", "baseline_shuffled", *options, "--out", out])]
    line = [sys.executable, "-c", program, *arguments, "--epochs", "100000"]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)  # a run that says nothing must not hold up the others
        watchdog.start()
        for printed in process.stdout:
            if printed.startswith("epoch 3:"):
                process.send_signal(signal.SIGINT)
                break
        _, stderr = process.communicate()
        watchdog.cancel()
    assert process.returncode == 130
    assert stderr == (
        f"train.py: interrupted: what was trained up to the last evaluation is in {out}; --resume goes on\n"
    )
    stopped = contents(out)
    assert sorted(stopped) == ["checkpoint.safetensors", "curve.csv"]
    epochs = read_curve(out / "curve.csv")[-1].epoch + 2
    assert epochs >= 5
    assert command(train, *arguments, "--epochs", epochs, "--resume")[0] == 0
    assert (out / "curve.csv").read_bytes().startswith(stopped["curve.csv"])
    assert command(train, *arguments, "--epochs", epochs, "--out", tmp_path / "whole")[0] == 0
    assert (out / "curve.csv").read_bytes() == (tmp_path / "whole" / "curve.csv").read_bytes()


@needs_paddle
def test_infer_restores_a_photograph(command, random_weights, tmp_path):
    weights = random_weights / "basic.safetensors"
    arguments = ["--image", "astronaut", "--weights", weights, "--out", tmp_path / "out"]
    status, stdout, stderr = command(infer, *arguments)
    assert (status, stderr) == (0, "")
    assert "dB degraded" in stdout.splitlines()[0]
    assert "protocol `article`" in stdout.splitlines()[0]
    names = ["astronaut_comparison.png", "astronaut_degraded.png", "astronaut_restored.png"]
    assert sorted(contents(tmp_path / "out")) == names
    for name in names[1:]:
        assert read_image(tmp_path / "out" / name).shape == (500, 500, 3)  # 512 less a margin of 6 on each side
    with Image.open(tmp_path / "out" / names[0]) as figure:
        assert min(figure.size) > 500
    hr = photographs.astronaut()[6:-6, 6:-6].astype(float)
    assert np.abs(read_image(tmp_path / "out" / names[1]) - hr).mean() < 10  # the same picture, a little blurred


@needs_paddle
def test_infer_restores_what_a_perfect_network_would(command, write_noise, tmp_path):
    """A network that passes its input on restores the degraded picture itself, colours included."""
    network = Architecture((9, 1, 5), (1, 1))
    parameters = {}
    for i, shape in enumerate(network.weight_shapes, 1):
        parameters[f"conv{i}.weight"] = np.zeros(shape, np.float32)
        parameters[f"conv{i}.weight"][0, 0, shape[-1] // 2, shape[-1] // 2] = 1
        parameters[f"conv{i}.bias"] = np.zeros(1, np.float32)
    save_weights(tmp_path / "w.safetensors", Weights(network, parameters, {}))
    picture = write_noise(tmp_path / "a.png", 40, 30)
    assert command(infer, "--image", picture, "--weights", tmp_path / "w.safetensors", "--out", tmp_path)[0] == 0
    restored, degraded = (read_image(tmp_path / f"a_{kind}.png") for kind in ("restored", "degraded"))
    assert restored.shape == (28, 18, 3)
    np.testing.assert_array_equal(restored, degraded)


@needs_paddle
def test_infer_takes_grey_and_smallest_pictures(command, write_noise, random_weights, tmp_path):
    picture = write_noise(tmp_path / "a.png", 13, 13, channels=1)
    weights = random_weights / "basic.safetensors"
    assert command(infer, "--image", picture, "--weights", weights, "--out", tmp_path / "out")[0] == 0
    assert read_image(tmp_path / "out" / "a_restored.png").shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--image": "nosuch"}, ["nosuch"]),
        ({"--image": "tiny/tiny.png"}, ["tiny.png", "13x13"]),
        ({"--image": "text/text.bmp"}, ["text.bmp"]),
        ({"--image": "cut_jpg/cut.jpg"}, ["cut.jpg"]),
        ({"--weights": "nosuch"}, ["nosuch"]),
        ({"--weights": "nosuch.safetensors"}, ["nosuch.safetensors"]),
        ({"--weights": "text/text.bmp"}, ["text.bmp"]),
        ({"--weights": "colour"}, ["colour.safetensors", "3 channels"]),
        ({"--device": "tpu"}, ["--device"]),
    ],
)
def test_wrong_options_of_infer_are_one_line(command, pictures, random_weights, tmp_path, monkeypatch, changes, words):
    monkeypatch.chdir(pictures)
    if changes.get("--weights") == "colour":
        changes = {"--weights": random_weights / "colour.safetensors"}
    options = {"--image": "val/v.png", "--weights": random_weights / "basic.safetensors", "--out": tmp_path / "out"}
    arguments = [text for option in (options | changes).items() for text in option]
    assert_one_line(command(infer, *arguments), "infer", *words)
    assert not (tmp_path / "out").exists()


def test_infer_without_a_picture_is_one_line(command):
    assert_one_line(command(infer), "infer", "--image")


@needs_paddle
def test_infer_with_unwritable_out_is_one_line(command, pictures, random_weights, tmp_path):
    (tmp_path / "file").write_text("no folder")
    weights = random_weights / "basic.safetensors"
    arguments = ["--image", pictures / "val" / "v.png", "--weights", weights, "--out", tmp_path / "file" / "out"]
    assert_one_line(command(infer, *arguments), "infer", tmp_path / "file" / "out")
    assert load_weights(weights).architecture.name == "9-1-5"


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("train", ["--exp", "baseline"]), ("infer", ["--image", "astronaut", "--weights", "basic.safetensors"])],
)
def test_without_paddle_one_line_says_what_to_install(random_weights, tmp_path, program, arguments):
    code = f"""
import runpy, sys
sys.modules["paddle"] = None
sys.path.insert(0, {str(ROOT)!r})
sys.argv[0] = "{program}.py"
runpy.run_path({str(ROOT / program)!r} + ".py", run_name="__main__")
"""
    shutil.copy(random_weights / "basic.safetensors", tmp_path)
    line = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), program, "PaddlePaddle is not installed", "'.[cpu]'")


def test_real_command_ends_with_one_line_and_status_2():
    line = [sys.executable, "train.py", "--exp", "nope"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), "train", "nope", "baseline")


def test_outcomes_and_exit_statuses(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train.py"])

    def outcome(problem):
        def main():
            if problem is not None:
                raise problem

        with pytest.raises(SystemExit) as ended:
            run_command(main)
        return ended.value.code, capsys.readouterr().err

    assert outcome(None) == (0, "")
    assert outcome(UserError("a\nb  c")) == (2, "train.py: error: a b c\n")
    assert outcome(KeyboardInterrupt()) == (130, "train.py: interrupted\n")
    assert outcome(KeyboardInterrupt("go on")) == (130, "train.py: interrupted: go on\n")
    monkeypatch.undo()
    with pytest.raises(ZeroDivisionError):  # a mistake of ours keeps its traceback
        run_command(lambda: 1 / 0)
