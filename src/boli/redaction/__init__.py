"""Personal data out of text: placeholders or keyed pseudonyms in its place, with spans and counts."""

from boli.redaction.redactor import RedactedSpan, Redaction, Redactor, redact
from boli.redaction.reports import Tally, tallying
from boli.redaction.tables import Kind, load_kinds

__all__ = ["Kind", "RedactedSpan", "Redaction", "Redactor", "Tally", "load_kinds", "redact", "tallying"]
