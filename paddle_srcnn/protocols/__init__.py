"""The protocols `article` and `paper`: inputs made from ground truth, and scores of outputs. No Paddle.

The article's pipeline blurs each image, and the network removes the blur. The article also computes a downscaled patch
that nothing reads, so its network does not upscale. See "Differences from the article" in the README. The paper's
protocol is super-resolution: it downscales an image, upscales it again by the same factor, and restores it.
"""

from paddle_srcnn.protocols.protocol import ARTICLE, PAPER, PROTOCOLS, Protocol

__all__ = ["ARTICLE", "PAPER", "PROTOCOLS", "Protocol"]
