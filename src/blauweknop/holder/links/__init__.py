"""Give documents to a receiver without a wallet: a link with a key, and a PIN (ADR 0037)."""
