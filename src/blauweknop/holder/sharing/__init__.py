"""Answer the questions of receivers: who asks, what is here that answers, what the person gives, and what is kept of it (ADR 0031)."""
