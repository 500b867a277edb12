"""RABO and RAFBO: claims, constants and step sizes.

Li, Zhang, Zheng, Shi, Yuan, Cheng: "Distributed Bilevel Optimization with Dual Pruning for Resource-limited
Clients".
"""

PAPER = "RABO"
