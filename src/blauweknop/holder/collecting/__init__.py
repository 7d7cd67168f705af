"""Fetch what sources have about a person, as a registered server: OpenID4VCI 1.0 with documents beside credentials (ADR 0028)."""
