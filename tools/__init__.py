"""What those who work on Parity run beside its tests."""
