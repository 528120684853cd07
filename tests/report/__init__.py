"""Reports as people read them: worded, laid out, printed."""
