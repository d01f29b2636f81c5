"""Transliteration."""
