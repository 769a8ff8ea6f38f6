"""SRCNN on PaddlePaddle, as reproduced by an article of 2018 and as measured by the paper of 2014 to 2016."""

__version__ = "0.1.0"
