"""A source as issuer of credentials for wallets (OpenID for Verifiable Credential Issuance 1.0, HAIP 1.0; PROTOCOL 2)."""
