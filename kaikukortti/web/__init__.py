"""The pages: short function views that parse, call one action or query, and answer."""
