"""Newer data for a dossier, as long as the person agreed to that (ADR 0040)."""
