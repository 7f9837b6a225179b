"""Writes of bank files and statements, by subject."""
