"""Argus: claims, constants and step sizes.

Liu et al.: "Argus: Federated Non-convex Bilevel Learning over 6G Space-Air-Ground Integrated Network".
"""

PAPER = "Argus"
