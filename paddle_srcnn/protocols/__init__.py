"""The protocols `article` and `paper`: how inputs are made from ground truth, and how outputs are scored. No Paddle.

The article's pipeline blurs each image, and the network removes the blur. The article also computes a downscaled patch
that nothing reads, so its network does not upscale; see "Differences from the article" in the README. The paper's
protocol is super-resolution: an image is downscaled, upscaled again by the same factor, and restored.
"""

from paddle_srcnn.protocols.protocol import ARTICLE, PAPER, PROTOCOLS, Protocol

__all__ = ["ARTICLE", "PAPER", "PROTOCOLS", "Protocol"]
