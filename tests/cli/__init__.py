"""Commands as they are typed, with what they print and answer."""
