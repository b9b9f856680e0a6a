"""The calls: thin functions that parse, ask one action or one query, and answer. docs/api.md is the guide to them."""
