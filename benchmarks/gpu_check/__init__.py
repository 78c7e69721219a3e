"""Whether everything that Parity promises about GPUs holds on this machine, and how fast it is: `make gpu-check`."""
