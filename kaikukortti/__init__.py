"""Kaikukortti: the card, the register and the network behind free culture. ARCHITECTURE.md tells the story."""
