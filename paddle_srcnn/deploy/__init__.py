"""Networks for use: tiles for images of any size, fast engines, export to other formats."""
