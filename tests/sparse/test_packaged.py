"""The packaged model on a picture of Set5."""

import pytest

from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.paper import paper_channels, paper_score
from paddle_srcnn.sparse.files import load_model

pytest.importorskip("sklearn")

CORNER = 120  # rows and columns of the butterfly: coding all 256 takes several times as long


def test_packaged_l1_restores_a_butterfly(dataset_folder):
    """The scores were measured once with this model, on x86."""
    hr = paper_channels(read_image(dataset_folder("Set5") / "butterfly_GT.bmp"), 3)[:, :CORNER, :CORNER]
    sr = load_model("sparse_l1_x3").restore(imresize(hr, 1 / 3))
    bicubic = imresize(imresize(hr, 1 / 3), 3)
    ours, theirs = (paper_score(image[0], hr[0], 3)[0] for image in (sr, bicubic))
    assert ours == pytest.approx(25.16, abs=0.02)
    assert theirs == pytest.approx(23.53, abs=0.01)
