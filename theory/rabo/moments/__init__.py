"""Exact moments: the noise floor, its coverage, and what a schedule alone does."""
