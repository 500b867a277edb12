"""Planted errors."""
