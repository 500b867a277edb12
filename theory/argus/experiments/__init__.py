"""Section VI: stragglers, intervals, ablations."""
