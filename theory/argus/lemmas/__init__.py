"""Lemmas 1 to 5 and (46) to (51): one step, exactly."""
