"""
The engine: results in, timelines, outages and incidents out.

Memory runs ahead of the database. A batch of results is folded into the picture in memory first, by the pure rules of
`uptimed.domain`; what changed is then written in one transaction, and only then are the results acknowledged. With the database
away the picture goes on, alerts leave from memory, and the workers keep what was not acknowledged.
"""
