"""The staff door, the control socket, and what Prometheus reads."""
