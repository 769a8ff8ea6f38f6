"""SRCNN on PaddlePaddle, as reproduced by an article of 2018 and as measured by the paper of 2014 to 2016."""

from paddle_srcnn.upscaler import Upscaler

__version__ = "0.1.0"
__all__ = ["Upscaler"]
