"""Images and photos: decoding, metadata, colour and resizing, without Paddle."""
