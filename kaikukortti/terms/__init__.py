"""Floor 0, the vocabulary: one word per thing, the same everywhere. docs/glossary.md explains each."""
