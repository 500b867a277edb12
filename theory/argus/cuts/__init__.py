"""Section IV-B: convexity of h, validity of every cut, and what it excludes."""
