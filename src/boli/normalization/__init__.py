"""Text to its canonical form: rule tables, two engines with one answer, and exports."""

from boli.normalization.alignment import Alignment
from boli.normalization.normalizer import Normalization, Normalizer, Step, normalize

__all__ = ["Alignment", "Normalization", "Normalizer", "Step", "normalize"]
