"""Uptime Kuma's record, read as ours."""
