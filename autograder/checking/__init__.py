"""How a solution is compared with the oracle: cases, comparison, diagnosis, result."""
