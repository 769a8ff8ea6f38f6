"""Parts that the scripts of experiments share."""
