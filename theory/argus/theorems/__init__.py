"""Theorem 1: its bound, its constants, its step sizes; rates over networks and activity."""
