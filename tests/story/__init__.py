"""Whole stories, told with real daemons, real endpoints and real time."""
