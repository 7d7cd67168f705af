"""The dossier of one answer at a receiver: what came, how sure it is, what it adds up to, and what to do about the rest."""
