"""An upscaler without a network, for the tests of batches."""

import numpy as np


class Doubled:
    """Repeats each pixel twice in both directions."""

    scale = 2

    def memory_needed(self, pixels):
        return pixels.nbytes

    def __call__(self, pixels, *, progress=lambda pixels: None):
        return np.repeat(np.repeat(pixels, 2, 0), 2, 1)


class DoubledNetworks:
    """The choice of one upscaler for all photos."""

    def choose(self, photo):
        return "doubled"

    def upscaler(self, network):
        return Doubled()
