"""Writes of the token lifecycle, by subject."""
