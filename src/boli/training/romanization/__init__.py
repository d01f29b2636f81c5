"""Teach the transliterator: pairs, their alignment, the network, word lists, and how the parts are weighed."""
