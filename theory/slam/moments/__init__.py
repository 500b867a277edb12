"""Theorem 1 and its corollaries: exact second moments per mode of the Laplacian."""
