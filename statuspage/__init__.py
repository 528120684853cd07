"""
A leaf of the house: given this snapshot, what does the reader see?

Turns one frozen `Snapshot` into pages, documents and headers. Imports nothing of `uptimed` or `probes`; it can answer
when both are dead.
"""
