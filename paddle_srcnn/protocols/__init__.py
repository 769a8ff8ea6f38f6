"""The two protocols: how inputs are made from ground truth, and how outputs are scored."""

from __future__ import annotations

ARTICLE, PAPER = "article", "paper"
