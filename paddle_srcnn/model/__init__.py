"""The network as numbers: architecture, parameters and files of weights. No Paddle."""
