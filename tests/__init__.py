"""The tests: a folder for each room of the house, and `house` for the rules that all rooms share."""
