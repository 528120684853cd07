"""Alerts on their way: wording, channels against real servers, the relay over a real database."""
