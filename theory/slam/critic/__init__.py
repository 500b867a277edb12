"""Actor-critic as a bilevel problem, and the experiments."""
