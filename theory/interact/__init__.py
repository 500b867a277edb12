"""INTERACT and SVR-INTERACT: claims, constants and step sizes.

Liu, Zhang, Khanduri, Lu, Liu: "INTERACT: Achieving Low Sample and Communication Complexities in
Decentralized Bilevel Learning over Networks", MobiHoc 2022.
"""

PAPER = "INTERACT (MobiHoc 2022)"
