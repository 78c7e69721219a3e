"""How long a test waits for what comes at once on a machine with nothing else to do."""

# A limit is there so that a fault ends the tests some day, and must never be met by a machine that is only slow.
PATIENCE_SECONDS = 900
