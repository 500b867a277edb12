"""Algorithm 1: identities, exact runs, symmetries, the Neumann product, messages."""
