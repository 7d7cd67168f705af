"""The words of the scheme as types. No network, clock, environment or randomness of its own."""
