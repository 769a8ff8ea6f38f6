"""`infer.py --upscale`: pictures of all kinds, in folders, broken ones among them, interrupted, run again."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from helpers import ROOT, assert_one_line, contents, needs_paddle
from PIL import Image
from small_networks import weights_of

from paddle_srcnn.apps import batch
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.commands import infer
from paddle_srcnn.images.photos import Photo, read_photo, write_photo
from paddle_srcnn.model.weights import save_weights


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "network.safetensors"
    save_weights(path, weights_of(filters=(3, 1, 3)))
    return path


@pytest.fixture
def upscale(command, weights):
    """`infer.py --upscale` with made-up weights, as a function of its other options."""

    def run(*arguments, scale=2):
        return command(infer, "--upscale", scale, "--weights", weights, *arguments)

    return run


KINDS = {"grey": (), "grey_alpha": (2,), "rgb": (3,), "rgba": (4,)}
SIZES = ((1, 1), (2, 500), (13, 13), (33, 1000))
MATRIX = [
    (suffix, dtype, kind, size)
    for suffix, dtype, kinds in (
        ("png", np.uint8, KINDS),
        ("png", np.uint16, KINDS),
        ("tif", np.uint8, KINDS),
        ("tif", np.uint16, ("grey", "rgb", "rgba")),
        ("webp", np.uint8, ("rgb", "rgba")),
        ("jpg", np.uint8, ("grey", "rgb")),
        ("bmp", np.uint8, ("grey", "rgb")),
    )
    for kind in kinds
    for size in SIZES
]


@needs_paddle
@pytest.mark.parametrize("scale", [2, pytest.param(3, marks=pytest.mark.end_to_end), 4])
def test_every_kind_of_picture(upscale, tmp_path, weights, scale):
    rng = np.random.default_rng(0)
    files = {}
    for suffix, dtype, kind, (height, width) in MATRIX:
        name = f"{kind}_{np.dtype(dtype)}_{height}x{width}.{suffix}"
        shape = (height, width, *KINDS[kind])
        pixels = rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
        write_photo(tmp_path / "in" / name, Photo(pixels))
        files[name] = pixels
    out = tmp_path / "out"
    status, stdout, stderr = upscale("--image", tmp_path / "in", "--out", out, "--suffix", "", scale=scale)
    assert (status, stderr) == (0, "")
    assert f"{len(MATRIX)} of {len(MATRIX)} enlarged" in stdout
    enlarge = Upscaler(str(weights), scale=scale)
    for name, pixels in files.items():
        found = read_photo(out / name).pixels
        height, width, *channels = pixels.shape
        assert (found.shape, found.dtype) == ((scale * height, scale * width, *channels), pixels.dtype), name
        if name.endswith(("png", "tif", "bmp")):
            np.testing.assert_array_equal(found, enlarge(pixels), name)


@needs_paddle
def test_pictures_are_enlarged_as_the_protocol_scores(upscale, weights, tmp_path, dataset_folder, monkeypatch):
    """PSNR through files of 16 bits is that of the evaluation; 8 bits round what is enlarged."""
    from paddle_srcnn.commands.scoring import super_resolution_rows
    from paddle_srcnn.images.resize import imresize
    from paddle_srcnn.model.weights import load_weights
    from paddle_srcnn.protocols.paper import paper_channels, paper_score

    folder = dataset_folder("Set5")
    hrs = {}
    for file in folder.iterdir():
        hrs[file.stem] = paper_channels(read_photo(file).pixels, 3)[0]
        lr = imresize(hrs[file.stem], 1 / 3)
        pixels = np.rint(np.clip(lr, 0, 255) * 257).astype(np.uint16)
        write_photo(tmp_path / "in" / f"{file.stem}.png", Photo(pixels))
    assert upscale("--image", tmp_path / "in", "--out", tmp_path / "out", scale=3)[0] == 0
    found = []
    for name, hr in hrs.items():
        sr = read_photo(tmp_path / "out" / f"{name}_x3.png").pixels / 257
        found.append(paper_score(sr, hr, 3)[0])
    *_, mean = super_resolution_rows(load_weights(weights), "Set5", 3)
    assert np.mean(found) == pytest.approx(mean["srcnn_psnr_db"], abs=0.01)


@needs_paddle
def test_profile_and_exif_go_along(upscale, tmp_path):
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010E] = "a bird"
    exif[0x0112] = 6  # turned by a quarter
    Image.fromarray(np.zeros((10, 20, 3), np.uint8)).save(tmp_path / "a.jpg", icc_profile=profile, exif=exif)
    assert upscale("--image", tmp_path / "a.jpg", "--out", tmp_path / "b.png")[0] == 0
    with Image.open(tmp_path / "b.png") as file:
        assert file.size == (20, 40)
        assert file.info["icc_profile"] == profile
        assert file.getexif()[0x010E] == "a bird"
        assert 0x0112 not in file.getexif() or file.getexif()[0x0112] == 1


@pytest.fixture
def folder(tmp_path, write_noise):
    """Two hundred pictures, five of them broken."""
    for number in range(200):
        file = write_noise(tmp_path / "in" / f"{number:03}.png", 12, 15, seed=number)
        if number % 40 == 0:
            file.write_bytes(file.read_bytes()[: 2 * number])
    return tmp_path / "in"


@needs_paddle
def test_broken_pictures_stop_no_others(upscale, folder, tmp_path):
    status, stdout, stderr = upscale("--image", folder, "--out", tmp_path / "out")
    assert status == 1
    assert len(list((tmp_path / "out").iterdir())) == 195
    lines = stderr.splitlines()
    assert len(lines) == 5
    for line, number in zip(lines, range(0, 200, 40), strict=True):
        assert f"{number:03}.png" in line
    assert "195 of 200 enlarged" in stdout
    assert "; 5 failed\n" in stdout


@needs_paddle
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_killed_it_leaves_whole_files_and_goes_on(folder, tmp_path, weights, number):
    out = tmp_path / "out"
    line = [sys.executable, ROOT / "infer.py", "--image", folder, "--upscale", "4", "--weights", weights, "--out", out]
    with subprocess.Popen(
        list(map(str, line)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while not (out.exists() and len(list(out.glob("[!.]*"))) > 20):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.001)
        process.send_signal(number)
        stderr = process.communicate()[1]
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number
        assert stderr.endswith("infer.py: interrupted: --skip-existing goes on with the rest\n")
        assert not list(out.glob(".*"))
    assert len(list(out.glob("[!.]*"))) < 195
    done = {file: file.stat().st_mtime_ns for file in out.glob("[!.]*")}
    for file in done:
        assert read_photo(file).pixels.shape == (48, 60, 3)
    ended = subprocess.run([*map(str, line), "--skip-existing"], capture_output=True, text=True, check=False)
    assert ended.returncode == 1  # of the broken ones
    assert f"{len(done)} skipped (already there), 5 failed" in ended.stdout
    assert len(list(out.glob("[!.]*"))) == 195
    assert {file: file.stat().st_mtime_ns for file in done} == done


@needs_paddle
def test_nothing_is_replaced_unasked(upscale, folder, tmp_path):
    picture = folder / "001.png"
    before = picture.read_bytes()
    assert_one_line(
        upscale("--image", picture, "--out", folder, "--suffix", ""), "infer", "the picture itself", "--suffix"
    )
    assert picture.read_bytes() == before
    assert upscale("--image", picture, "--out", tmp_path / "out")[0] == 0
    first = contents(tmp_path / "out")
    assert_one_line(upscale("--image", picture, "--out", tmp_path / "out"), "infer", "--skip-existing")
    assert contents(tmp_path / "out") == first
    assert upscale("--image", picture, "--out", tmp_path / "out", "--overwrite")[0] == 0
    assert upscale("--image", picture, "--out", folder, "--suffix", "", "--overwrite")[0] == 0
    assert read_photo(picture).pixels.shape == (24, 30, 3)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "001_x2.png").symlink_to("nowhere")
    assert_one_line(upscale("--image", folder / "001.png", "--out", tmp_path / "linked"), "infer", "is there already")
    assert (tmp_path / "linked" / "001_x2.png").is_symlink()


@needs_paddle
def test_folders_of_folders_keep_their_shape(upscale, tmp_path, write_noise):
    for name in ("a.png", "sub/a.png"):
        write_noise(tmp_path / "in" / name, 10, 10)
    arguments = ["--image", tmp_path / "in", "--out", tmp_path / "out", "--recursive", "--format", "webp", "--compare"]
    assert upscale(*arguments)[0] == 0
    expected = {"a_x2.webp", "a_x2_comparison.png", "sub/a_x2.webp", "sub/a_x2_comparison.png"}
    assert contents(tmp_path / "out").keys() == expected


@needs_paddle
def test_results_in_the_folder_of_the_pictures_are_no_pictures_to_enlarge(upscale, tmp_path, write_noise):
    for name in ("a.png", "b.png"):
        write_noise(tmp_path / name, 10, 10)
    assert upscale("--image", tmp_path, "--out", tmp_path)[0] == 0
    (tmp_path / "b_x2.png").unlink()
    status, stdout, _ = upscale("--image", tmp_path, "--out", tmp_path, "--skip-existing")
    assert status == 0
    assert "1 of 2 enlarged" in stdout
    assert "1 skipped (already there), 1 ignored (earlier results)" in stdout
    status, stdout, _ = upscale("--image", tmp_path, "--out", tmp_path, "--overwrite", "--compare")
    assert (status, len(list(tmp_path.glob("*.png")))) == (0, 6)
    status, stdout, _ = upscale("--image", tmp_path, "--out", tmp_path, "--overwrite", "--compare")
    assert (status, len(list(tmp_path.glob("*.png")))) == (0, 6)


@needs_paddle
def test_figures_are_replaced_no_more_than_results(upscale, tmp_path, write_noise):
    for name in ("in/a.png", "in/a.jpg"):
        write_noise(tmp_path / name, 10, 10)
    arguments = ["--image", tmp_path / "in", "--out", tmp_path / "out", "--compare"]
    status, stdout, stderr = upscale(*arguments)
    assert (status, stderr.count("\n")) == (1, 1)
    for words in ("a.png and", "a.jpg would both become", "a_x2_comparison.png", "another folder"):
        assert words in stderr
    assert sorted(contents(tmp_path / "out")) == ["a_x2.jpg", "a_x2_comparison.png"]
    assert stdout.endswith("1 failed\n")
    arguments[1] = tmp_path / "in" / "a.png"
    assert_one_line(upscale(*arguments), "infer", "a_x2_comparison.png is there already")


@needs_paddle
def test_links_are_pictures_of_their_own(upscale, tmp_path, write_noise):
    write_noise(tmp_path / "in" / "a.png", 10, 10)
    (tmp_path / "in" / "b.png").symlink_to("a.png")
    (tmp_path / "in" / "c.png").symlink_to("nothing.png")
    status, _, stderr = upscale("--image", tmp_path / "in", "--out", tmp_path / "out")
    assert (status, sorted(contents(tmp_path / "out"))) == (1, ["a_x2.png", "b_x2.png"])
    assert stderr.count("\n") == 1
    assert "c.png" in stderr


@needs_paddle
def test_whatever_goes_wrong_with_one_picture_the_others_go_on(upscale, folder, tmp_path, monkeypatch):
    enlarge = Upscaler.__call__

    def failing(self, picture, **settings):
        if picture.shape == (13, 13, 3):
            raise MemoryError("too little")
        return enlarge(self, picture, **settings)

    monkeypatch.setattr(Upscaler, "__call__", failing)
    Image.fromarray(np.zeros((13, 13, 3), np.uint8)).save(tmp_path / "in" / "100.png")
    status, stdout, stderr = upscale("--image", tmp_path / "in", "--out", tmp_path / "out")
    assert status == 1
    assert "100.png cannot be enlarged (MemoryError: too little)" in stderr
    assert "194 of 200" in stdout


@needs_paddle
def test_figure_that_a_killed_run_did_not_come_to_is_made(upscale, tmp_path, write_noise):
    arguments = ["--image", write_noise(tmp_path / "a.png", 10, 10), "--out", tmp_path / "out"]
    assert upscale(*arguments)[0] == 0
    first = (tmp_path / "out" / "a_x2.png").stat()
    status, stdout, _ = upscale(*arguments, "--compare", "--skip-existing")
    assert (status, "1 of 1 enlarged" in stdout, "skipped" in stdout) == (0, True, False)
    assert (tmp_path / "out" / "a_x2.png").stat() == first
    assert "a_x2_comparison.png" in contents(tmp_path / "out")
    assert "1 skipped (already there)" in upscale(*arguments, "--compare", "--skip-existing")[1]


@needs_paddle
def test_what_appears_during_the_run_is_not_replaced(upscale, tmp_path, write_noise, monkeypatch):
    """Another program's file; or, where names differ in case alone and the disk knows no case, another result."""
    picture = write_noise(tmp_path / "a.png", 10, 10)

    def check_files(tasks, **options):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "a_x2.png").write_text("of another")
        return tasks, []

    monkeypatch.setattr(batch, "check_files", check_files)
    status, _, stderr = upscale("--image", picture, "--out", tmp_path / "out")
    assert (status, stderr.count("\n")) == (1, 1)
    assert "a_x2.png" in stderr
    assert contents(tmp_path / "out") == {"a_x2.png": b"of another"}


@needs_paddle
def test_out_of_every_format_is_a_file(upscale, tmp_path, write_noise, monkeypatch):
    """Lists of types, which are the system's, do not all have WebP."""
    monkeypatch.setattr("mimetypes.guess_type", lambda path: (None, None))
    assert upscale("--image", write_noise(tmp_path / "a.png", 10, 10), "--out", tmp_path / "b.webp")[0] == 0
    assert (tmp_path / "b.webp").is_file()
