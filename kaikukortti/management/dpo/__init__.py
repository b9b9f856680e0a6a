"""Drafts for the data-protection officer: what is in docs/dpo and drawn from the vocabulary."""
