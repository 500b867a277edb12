"""SLAM: claims, constants and step sizes.

Lu, Zeng, Cui, Squillante, Horesh, Kingsbury, Liu, Hong: "A Stochastic Linearized Augmented Lagrangian Method for
Decentralized Bilevel Optimization", NeurIPS 2022, with its supplement.
"""

PAPER = "SLAM (NeurIPS 2022)"
