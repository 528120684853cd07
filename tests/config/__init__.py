"""The configuration file: what it means, and what is said when it cannot mean anything."""
