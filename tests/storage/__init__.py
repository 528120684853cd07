"""Storage: one contract suite for both databases, and what is peculiar to each."""
