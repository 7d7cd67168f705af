"""Credentials for wallets (OpenID for Verifiable Credential Issuance 1.0, HAIP 1.0): the messages, read and judged, without a server."""
