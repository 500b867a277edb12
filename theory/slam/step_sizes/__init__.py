"""(39), (137), (162) to (168) and the list of Theorem 1 against exact stability."""
