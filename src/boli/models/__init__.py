"""Small models that need NumPy alone: featurizers, a linear classifier, and checked, atomic files of weights."""

from boli.models.features import Features, HashedNgrams
from boli.models.linear import LinearModel, WordWeight
from boli.models.weights import sha256_of, verify_checksums, write_atomically, write_checksums

__all__ = [
    "Features",
    "HashedNgrams",
    "LinearModel",
    "WordWeight",
    "sha256_of",
    "verify_checksums",
    "write_atomically",
    "write_checksums",
]
