"""Writes of sales invoices, by subject."""
