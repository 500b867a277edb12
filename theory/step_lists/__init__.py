"""Lists of step-size conditions: as data, put to problems and constants, with units, proofs of what never binds, and advice."""
