"""What a receiver sees of two people who apply together: two parts, each of one of them, and what both have together."""
