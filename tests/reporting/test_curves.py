import math

import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point, backprops_to_reach, read_curve, write_curve

POINTS = [
    Point(0, 0, None, Score((1 / 3, 0.1 + 0.2), 2 / 3, 5e-324)),
    Point(21910, 1, math.pi * 1e3, Score((-1.5, math.inf), math.inf, 1.7976931348623157e308)),
]
HEADER = "backprops,epoch,loss,psnr_mean_db,psnr_pooled_db,psnr_a_db\n"


def test_curve_reads_back_to_the_last_bit(tmp_path):
    write_curve(tmp_path / "curve.csv", ["a", 'b, "c"'], POINTS)
    assert read_curve(tmp_path / "curve.csv") == POINTS


def test_layout_of_the_file(tmp_path):
    write_curve(tmp_path / "curve.csv", ["a"], [Point(8, 1, 0.5, Score((30.25,), 30.25, 30.25))])
    assert (tmp_path / "curve.csv").read_bytes() == f"{HEADER}8,1,0.5,30.25,30.25,30.25\n".encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"backprops,epoch,loss\n0,0,\n",
        b"epoch,backprops,loss,psnr_mean_db,psnr_pooled_db\n",
        f"{HEADER}0,0,,1.0,1.0\n".encode(),
        f"{HEADER}0,0,,1.0,1.0,1.0,1.0\n".encode(),
        f"{HEADER}zero,0,,1.0,1.0,1.0\n".encode(),
        f"{HEADER}0,0,,1.0,,1.0\n".encode(),
        f"{HEADER}0,0,,1.0,1.0,1.0\n8,1,2".encode(),
        f"{HEADER}-1,0,,1.0,1.0,1.0\n".encode(),
        f"{HEADER}0,{'9' * 400},,1.0,1.0,1.0\n".encode(),
        b"\x89PNG\r\n\x1a\n\xff\xfe",
        HEADER.encode() + b"0,0,,1.0,1.0," + b"1" * 200_000,
    ],
)
def test_what_is_no_curve_is_named(tmp_path, content):
    (tmp_path / "curve.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"curve\.csv is no curve"):
        read_curve(tmp_path / "curve.csv")


def test_missing_curve_is_named(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UserError, match=f"{path} cannot be read"):
            read_curve(path)


def test_message_about_other_columns_is_short(tmp_path):
    (tmp_path / "curve.csv").write_text(",".join(map(str, range(100_000))))
    with pytest.raises(UserError) as caught:
        read_curve(tmp_path / "curve.csv")
    assert len(str(caught.value)) < 1000


def test_a_level_is_reached_at_the_first_evaluation_that_has_it():
    series = [(0, 6.0), (10, 30.0), (20, 29.0), (30, 31.0)]
    assert [backprops_to_reach(series, level) for level in (5, 30, 30.5, 31.1)] == [0, 10, 30, None]
