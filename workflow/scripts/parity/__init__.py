"""Parity's library: what the workflow's scripts do, one idea a module. Importing it does no work."""
