"""Comparison of two checkouts of this project, run as ``python -m benchmarks.checkouts OLD NEW``."""
