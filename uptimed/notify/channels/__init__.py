"""The ways out: one file a kind, all behind `base.Channel`."""
