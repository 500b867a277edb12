"""(14) to (21): the inequalities of one iteration, and the lines between them."""
