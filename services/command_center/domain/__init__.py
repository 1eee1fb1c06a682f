"""What the command centre knows and decides: pure functions over what the other services have said."""
