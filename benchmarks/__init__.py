"""Measurements of speed, each run side by side with the libraries that people would use instead."""
