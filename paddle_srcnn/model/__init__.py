"""The network as numbers: architecture, parameters, weights files. No Paddle."""
