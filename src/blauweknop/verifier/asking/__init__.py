"""A receiver that asks a person for data: the question, the way there and back, and the check of the answer (OpenID4VP 1.0, HAIP 1.0)."""
