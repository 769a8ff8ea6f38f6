"""The server of the page: what it takes, what it makes of it, and what it leaves behind."""

import io
import socket
import time
import zipfile
from urllib.parse import urlsplit

import numpy as np
import pytest
from helpers import needs_paddle
from PIL import Image
from served_pages import SECONDS, client_of

from paddle_srcnn.commands import upscale

pytest.importorskip("starlette", reason="needs the extra `web`")
pytestmark = needs_paddle


@pytest.fixture(scope="module")
def client():
    with client_of(device="cpu") as found:
        yield found


@pytest.fixture(autouse=True)
def no_pictures(request):
    """Each test begins and ends with an empty page."""
    yield
    if "client" in request.fixturenames:
        client = request.getfixturevalue("client")
        for picture in client.pictures():
            client.ask("DELETE", f"pictures/{picture['number']}")
        client.settled()


def noise(shape=(20, 30, 3), *, suffix="png", **settings):
    """Bytes of a picture of noise."""
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper()), **settings)
    return content.getvalue()


def animation():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    content = io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    return content.getvalue()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../../tmp/hostile.png", "hostile.png"),
        ("C:\\Windows\\hostile.png", "hostile.png"),
        ("..", "picture"),
        ("", "picture"),
        ("line\nbreak\x1b[31m.png", "linebreak[31m.png"),
        ("\u202egnp.exe.png", "gnp.exe.png"),
        ("a\0b.png", "ab.png"),
        ("照片 🌅.png", "照片 🌅.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("x" * 1000 + ".png", "x" * 236 + ".png"),
        ("odd.p;g", "odd.p;g"),
    ],
)
def test_names_never_reach_the_disk(client, given, shown):
    picture = client.upload(given, noise()).json()
    assert picture["name"] == shown
    suffix = ".png" if shown.endswith(".png") else ""
    assert client.files() == [str(picture["number"]), f"{picture['number']}/source{suffix}"]
    for odd in ("..%2F..%2Fa.png", "%FF%FE.png"):
        assert client.ask("POST", f"pictures?name={odd}", data=noise()).status_code == 201
    assert all("/" not in found.partition("/")[2] for found in client.files())


def picture_files():
    exif = Image.Exif()
    exif[0x010E] = "a description"
    profile = None
    deep = io.BytesIO()
    Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100).save(deep, "PNG")
    return {
        "photo.jpg": noise(suffix="jpg", exif=exif, dpi=(300, 300), icc_profile=profile),
        "deep.png": deep.getvalue(),
        "scan.TIF": noise((20, 30), suffix="tif", dpi=(600, 600)),
        "alpha.webp": noise((20, 30, 4), suffix="webp", lossless=True),
        "one.gif": noise(suffix="gif"),
        "照片 1.jpeg": noise(suffix="jpg"),
    }


@pytest.mark.parametrize("scale", [2, 2.5])
def test_results_are_the_commands_files(client, command, tmp_path, scale):
    files = picture_files()
    (tmp_path / "in").mkdir()
    for name, content in files.items():
        (tmp_path / "in" / name).write_bytes(content)
    out = tmp_path / "out"
    assert command(upscale, tmp_path / "in", "--scale", scale, "--out", out, "--device", "cpu")[0] == 0
    expected = {path.name: path.read_bytes() for path in out.iterdir()}
    assert len(expected) == len(files)
    for name, content in files.items():
        picture = client.enlarged(name, content, scale=scale)
        assert picture["state"] == "done", picture
        saved = client.ask("GET", f"pictures/{picture['number']}/result")
        assert saved.content == expected[picture["result"]], name
        assert "attachment" in saved.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(client.ask("GET", "results.zip").content))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == expected


def test_the_fast_network_is_the_commands(client, command, tmp_path):
    (tmp_path / "photo.png").write_bytes(noise())
    assert command(upscale, tmp_path / "photo.png", "--fast", "--out", tmp_path, "--device", "cpu")[0] == 0
    picture = client.enlarged("photo.png", noise(), fast=True)
    assert (picture["made"]["fast"], picture["network"]) == (True, "9-1-5")
    saved = client.ask("GET", f"pictures/{picture['number']}/result")
    assert saved.content == (tmp_path / "photo_x2.png").read_bytes()


def test_equal_names_are_numbered_in_the_archive(client):
    for _ in range(2):
        client.enlarged("same.png", noise())
    archive = zipfile.ZipFile(io.BytesIO(client.ask("GET", "results.zip").content))
    assert archive.namelist() == ["same_x2.png", "same_x2 (2).png"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("damaged.png", noise()[:200]),
        ("dancing.gif", animation()),
        ("empty.jpg", b""),
        ("text.png", b"no picture\n" * 50),
        ("page.png", b"<html><script>alert(1)</script>"),
        ("drawing.psd", b"8BPS" + bytes(100)),
    ],
)
def test_refusals_are_the_commands(client, command, tmp_path, monkeypatch, name, content):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    status, _, stderr = command(upscale, name, "--out", ".", "--device", "cpu")
    picture = client.upload(name, content).json()
    assert (status, picture["state"]) == (1, "refused")
    assert picture["error"] == stderr.splitlines()[-1]
    assert not list(client.page.folder.rglob("source*"))


def test_problems_of_enlarging_are_the_commands(client, command, tmp_path, monkeypatch):
    """A name that no format belongs to, and a note on metadata that a format loses."""
    monkeypatch.chdir(tmp_path)
    for name, content in {"odd.xyz": noise(), "note.bmp": noise(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")}.items():
        (tmp_path / name).write_bytes(content)
        stderr = command(upscale, name, "--out", ".", "--device", "cpu")[2]
        picture = client.enlarged(name, content)
        shown = [*picture["notes"], *filter(None, [picture["error"]])]
        assert shown == [line.removeprefix("warning: ") for line in stderr.splitlines()], name


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (b"{", "no order"),
        (b"[]", "no order"),
        (b"[" * 100_000, "no order"),
        (b'{"scale": "2"}', "--scale: the factor is no number"),
        (b'{"scale": true}', "--scale: the factor is no number"),
        (b'{"scale": NaN}', "enlarged by 1 to 8, not by nan"),
        (b'{"scale": 2, "noise": "loud"}', "--noise: loud is none of off, low, high"),
        (b'{"scale": 2, "fast": [1]}', "--fast: [1] is none of False, True"),
        (b'{"scale": 2, "jpeg": "on", "noise": "low"}', "no network removes both noise and the blocks of JPEG"),
        (b'{"scale": 9}', "--scale: a picture is enlarged by 1 to 8, not by 9"),
    ],
)
def test_orders_that_make_no_sense_are_refused(client, order, words):
    answer = client.ask("POST", "enlarge", data=order)
    assert answer.status_code == 422
    assert words in answer.json()["error"]


def test_orders_name_pictures_by_numbers(client):
    assert client.order("enlarge", scale=2, pictures=["1", None, -5, 10**30, True, "../1"]).status_code == 200
    assert client.order("stop", pictures="all").status_code == 200


def test_tiles_are_the_pixels(client):
    picture = client.enlarged("photo.png", noise((300, 400, 3)))
    address = f"pictures/{picture['number']}"
    assert client.ask("GET", f"{address}/view").json() == {"width": 800, "height": 600, "levels": 2, "tile": 512}
    result = Image.open(io.BytesIO(client.ask("GET", f"{address}/result").content))
    bicubic = Image.open(io.BytesIO(noise((300, 400, 3)))).resize((800, 600), Image.Resampling.BICUBIC)
    for side, whole in (("after", result), ("before", bicubic)):
        for column, row in ((0, 0), (1, 1)):
            tile = Image.open(io.BytesIO(client.ask("GET", f"{address}/{side}/0/{column}/{row}.png").content))
            box = (512 * column, 512 * row, min(512 * column + 512, 800), min(512 * row + 512, 600))
            np.testing.assert_array_equal(tile, whole.crop(box))
        small = Image.open(io.BytesIO(client.ask("GET", f"{address}/{side}/1/0/0.png").content))
        np.testing.assert_array_equal(small, whole.reduce(2))
    for place in ("after/0/2/0", "after/2/0/0", "middle/0/0/0", f"before/{10**30}/0/0"):
        assert client.ask("GET", f"{address}/{place}.png").status_code == 404
    assert client.ask("DELETE", "view").status_code == 204


def test_a_stopped_enlargement_leaves_nothing(client):
    numbers = [client.upload(f"{seed}.png", noise((700, 700, 3))).json()["number"] for seed in range(2)]
    client.order("enlarge", pictures=numbers, scale=4)
    client.order("stop", pictures=numbers)
    assert [picture["state"] for picture in client.settled()] == ["ready", "ready"]
    assert not [name for name in client.files() if "_x4" in name or "partial" in name]
    client.order("enlarge", pictures=numbers, scale=4)
    for number in numbers:
        assert client.ask("DELETE", f"pictures/{number}").status_code == 200
    end = time.monotonic() + SECONDS
    while client.files():
        assert time.monotonic() < end, client.files()
        time.sleep(0.05)


def test_a_second_factor_replaces_the_result(client):
    picture = client.enlarged("photo.png", noise())
    client.order("enlarge", pictures=[picture["number"]], scale=3)
    (after,) = client.settled()
    assert (picture["result"], after["result"]) == ("photo_x2.png", "photo_x3.png")
    assert [name for name in client.files() if "_x" in name] == [f"{after['number']}/2/source_x3.png"]


def test_uploads_have_a_limit(monkeypatch):
    monkeypatch.setenv("SRCNN_MAX_PIXELS", "10000")
    monkeypatch.setattr("paddle_srcnn.apps.web.server.METADATA_BYTES", 1 << 20)
    with client_of(device="cpu") as client:
        limit = client.ask("GET", "state").json()["largest"]
        assert limit == 10_000 * 8 + (1 << 20)
        too_long = bytes(limit + 1)
        told = client.upload("large.png", too_long)
        streamed = client.upload("large.png", (too_long[start : start + 65536] for start in range(0, limit + 1, 65536)))
        for answer in (told, streamed):
            assert answer.status_code == 413
            assert answer.json()["error"].startswith("large.png is too large to be read safely (it has more than 1 MB)")
        assert client.upload("pixels.png", noise((101, 100))).json()["error"].endswith("SRCNN_MAX_PIXELS higher")
        assert [name for name in client.files() if "source" in name] == []


def test_memory_has_the_commands_limit():
    content = io.BytesIO()
    Image.new("L", (4000, 3000)).save(content, "PNG")
    with client_of(device="cpu", max_memory=700) as client:
        picture = client.enlarged("large.png", content.getvalue(), scale=8)
        assert picture["state"] == "failed"
        assert picture["error"].startswith("--max-memory: large.png needs about ")
        assert picture["error"].endswith(" MB to be enlarged, more than 700 MB: allow more, or split the picture")
        folder = client.page.folder
        assert folder.exists()
    assert not folder.exists()


def test_a_client_that_leaves_during_an_upload_leaves_nothing(client):
    address = urlsplit(client.page.address)
    with socket.create_connection((address.hostname, address.port)) as gone:
        lines = [f"POST {address.path}pictures?name=a.png HTTP/1.1", f"Host: {address.netloc}"]
        lines += [f"Origin: {client.origin}", "Content-Length: 100000", "", "half"]
        gone.sendall("\r\n".join(lines).encode())
        end = time.monotonic() + SECONDS
        while not client.files():
            assert time.monotonic() < end
            time.sleep(0.02)
    while client.files():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert client.pictures() == []
