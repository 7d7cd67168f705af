"""Who works at a receiver that asks: logging in at the own organisation, and who may see what (threats T-30 and T-41)."""
