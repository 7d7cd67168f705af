"""Take documents that people give by a link, without a wallet (ADR 0037)."""
