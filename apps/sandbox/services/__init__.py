"""What happens in the sandbox, what a software has shown there, and what the service believes of it."""
