"""Super-resolution by sparse coding, which came before SRCNN: l1 codes (Yang et al.) and anchored regression (A+).

Both follow the four steps that the article explains SRCNN by. `paddle_srcnn.sparse.l1` and
`paddle_srcnn.sparse.anchored` have one function for each step.
"""
