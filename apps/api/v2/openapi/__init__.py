"""The published description of the wire API, made from its routes, its schemas and its table of errors."""
