"""Static graphs of PaddlePaddle: layers, programs that train and restore, sessions that run them."""
