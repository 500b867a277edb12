"""Tables for people and documents for programs, from what was judged elsewhere; no mathematics."""
