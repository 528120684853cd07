"""
A report as people take it away: worded in their language, and written as HTML, PDF or CSV.

What it says is decided in `uptimed.engine.report`; here it only gets words, tables and drawings. HTML and PDF are written from the
same `View`, so that they cannot say different things.
"""
