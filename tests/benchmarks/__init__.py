"""
What a check, a page, a scrape and an alert cost: `make bench`.

Everything runs on loopback in one run, against real daemons started as `python -m uptimed run`. Absolute figures belong to the
machine; the ratios to a bare loop that is measured in the same run can be compared between machines. Endpoints and readers are
processes of their own, so that what they cost is not counted.
"""
