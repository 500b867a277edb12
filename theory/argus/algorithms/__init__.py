"""Algorithm 1: the text, its readings, identities of the steps and of the dual side."""
