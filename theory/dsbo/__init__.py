"""DSBO: claims, constants and step sizes.

Yang, Zhang, Wang: "Decentralized Gossip-Based Stochastic Bilevel Optimization over Communication
Networks", NeurIPS 2022. Statements of its supplement are not judged: only the main text was available.
"""

PAPER = "DSBO (NeurIPS 2022)"
