"""The Python of the pages for users runs as it is printed."""

import re

import pytest
from helpers import ROOT, needs_paddle
from packaged import put_packaged
from PIL import Image

from paddle_srcnn.images.photos import read_photo

PAGES = ("README.md", "README.zh-CN.md", "docs/enlarging.md", "docs/enlarging.zh-CN.md")


@needs_paddle
@pytest.mark.parametrize("page", PAGES)
def test_snippet_reads_upscales_and_saves_a_photo(page, tmp_path, monkeypatch):
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    put_packaged(tmp_path / "pretrained", monkeypatch)
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (20, 10), "red").save("photo.jpg", quality=60, dpi=(300, 300))
    exec(compile(code, page, "exec"), {})
    (result,) = tmp_path.glob("photo_x3.*")
    photo = read_photo(result)
    assert photo.pixels.shape == (30, 60, 3)
    assert photo.dpi == pytest.approx((300, 300), abs=0.1)


def test_front_door_gives_its_names():
    import paddle_srcnn
    from paddle_srcnn.images import photos

    assert paddle_srcnn.read_photo is photos.read_photo
    assert paddle_srcnn.write_photo is photos.write_photo
    assert set(paddle_srcnn.__all__) <= set(dir(paddle_srcnn))
