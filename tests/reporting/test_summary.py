import json

import pytest
from helpers import ROOT

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.summary import Collapse, Figures, Summary

COMMITTED = sorted((ROOT / "experiments" / "results").glob("**/summary.json"))


def test_committed_summaries_round_trip_with_keys_in_their_order():
    """111 runs of every version so far: the first have no collapse, no colour and few settings."""
    assert len(COMMITTED) >= 111
    for path in COMMITTED:
        content = path.read_text(encoding="utf-8")
        assert json.dumps(Summary.read(path).to_json(), indent=2, ensure_ascii=False) + "\n" == content, path


def test_first_published_summary_counts_as_not_collapsed():
    baseline = Summary.read(ROOT / "experiments" / "results" / "baseline" / "summary.json")
    assert baseline.collapse is None
    assert baseline.end == Collapse(below_input=False, dead_layer=False)


def test_properties_name_network_and_sets():
    summaries = {path.parent.name: Summary.read(path) for path in COMMITTED}
    described = {
        name: (summaries[name].network, summaries[name].channels, summaries[name].scale, summaries[name].train_set)
        for name in ("baseline", "rgb_scratch", "sr_9-5-5_x4", "table_ycbcr", "choice_ours")
    }
    assert described == {
        "baseline": ("9-1-5", "Y", 1, "T91"),
        "rgb_scratch": ("9-1-5", "RGB", 1, "T91"),
        "sr_9-5-5_x4": ("9-5-5", "Y", 4, "T91"),
        "table_ycbcr": ("9-1-5", "YCbCr", 3, "T91"),
        "choice_ours": ("9-1-5", "Y", 3, "T91-rest"),
    }


def test_figures_are_rounded_to_ten_thousandths_and_named():
    score = Score((30.123456, 31.0), 30.561728, 30.5, rgb=Score((29.0, 30.0), 29.5, 29.47))
    figures = Figures.of(["a", "b"], score)
    assert figures == Figures(30.5617, 30.5, {"a": 30.1235, "b": 31.0}, Figures(29.5, 29.47, {"a": 29.0, "b": 30.0}))
    assert Figures.from_json(figures.to_json()) == figures
    assert (figures.psnr("mean"), figures.psnr("pooled")) == (30.5617, 30.5)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"input": 3, "final": 3}', '{"recipe": "x"}'])
def test_a_file_that_is_no_summary_is_named(tmp_path, content):
    path = tmp_path / "summary.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"summary\.json (cannot be read|is no summary)"):
        Summary.read(path)
