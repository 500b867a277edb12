"""Sentences between the theorems that claim something."""
