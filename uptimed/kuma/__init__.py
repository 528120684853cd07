"""
Uptime Kuma's record, read as ours: which rows are evidence, of what, and what they cannot say.

Nothing here writes to our database or to Kuma's; what is found goes through the ingest like any other result.
"""
