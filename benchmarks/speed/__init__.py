"""How fast Parity is beside what a user would run instead: `make bench`."""
