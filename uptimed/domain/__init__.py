"""
The pure heart: values in, values out. No await, no now(), no database, no log; the standard library only.

Instants are integer microseconds since 1970-01-01T00:00:00Z (`_us`); intervals are half-open [from, to). Downtimes are integer
nanoseconds (`_ns`: permille weight x microseconds). Ratios are exact fractions: a float never decides or displays anything.
"""
