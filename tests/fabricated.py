"""Fabricated results of runs, as trainings leave them."""

import json

from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curves import Point, write_curve


def figures(mean_db, pooled_db):
    return {"psnr_mean_db": mean_db, "psnr_pooled_db": pooled_db, "psnr_db": {"bird": mean_db}}


def summary(
    recipe="baseline", *, given=(31.184, 29.5), final=(37.0, 36.0), validation="Set5", settings=None, **changes
):
    """Content of a `summary.json`; `changes` replace parts of it."""
    content = {
        "recipe": recipe,
        "protocol": "article",
        "commit": "abc",
        "seed": 0,
        "data": {"train": {"name": "T91", "pictures": 91}, "validation": {"name": validation, "pictures": 5}},
        "settings": {**json.loads(json.dumps(RECIPES[recipe].settings())), **(settings or {})},
        "epochs": 2,
        "backprops": 3000,
        "loss": 1.0,
        "input": figures(*given),
        "final": figures(*final),
        "collapse": {"below_input": False, "dead_layer": False},
        "seconds": 10.0,
        "backprops_per_second": 300.0,
        "threads": 1,
        "workers": 1,
        "place": "cpu",
        "versions": {},
    }
    return {**content, **changes}


def put_curve(path, rows):
    """Write a curve of (backprops, mean, pooled)."""
    points = [
        Point(backprops, epoch, 1.0 if epoch else None, Score((mean,), mean, pooled))
        for epoch, (backprops, mean, pooled) in enumerate(rows)
    ]
    write_curve(path, ["bird"], points)


def put_json(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")
