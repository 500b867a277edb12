"""Rules (5), (6) and the experiment's: what they admit, and the exact thresholds."""
