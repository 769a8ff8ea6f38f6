"""The results of a run: curve, summary, figures. No Paddle."""
