"""Floor 1, the rules: pure decisions that answer *why not*. No database, no clock, no HTTP."""
