"""Puts the parts together into something that runs: settings in, services and web applications out."""
