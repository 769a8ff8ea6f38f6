"""Images and photos: decoding, metadata, colour, resizing. No Paddle."""
