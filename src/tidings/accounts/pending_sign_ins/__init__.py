"""Sign-ins that passed their first factor and wait for the second: they open nothing else."""
