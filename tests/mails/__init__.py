"""Every mail that the service sends, with example data."""
