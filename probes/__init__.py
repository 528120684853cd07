"""
A leaf of the house: run this once, what did you see?

Knows how to look at one endpoint from one place, how to keep a cadence, and how to hand results over. Imports nothing of
`uptimed` or `statuspage`, and no database, template or model library, so that a worker stays small.
"""
