"""What this machine has of what the course needs."""
