"""Two companies that are one enterprise become one: what each app moves, what stands in the way, the step itself."""
