"""The engine on a real database, with a clock moved by hand."""
