"""Corollaries 2 and 4, Table 1, and Section 6's comparisons."""
