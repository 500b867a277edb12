"""The step-size lists of Theorems 1 and 3: terms, coefficients, redundancy, units."""
