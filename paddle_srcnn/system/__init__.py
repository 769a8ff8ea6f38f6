"""Files, locks, processes, commands and the machine: everything that knows nothing of images. No Paddle."""
