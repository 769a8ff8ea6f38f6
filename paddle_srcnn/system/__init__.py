"""Files, locks, processes, commands and the machine; nothing here knows of images. No Paddle."""
