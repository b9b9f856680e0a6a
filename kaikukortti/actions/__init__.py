"""Floor 3, the actions: the only code that writes. Each is one transaction that reads like the regulation."""
