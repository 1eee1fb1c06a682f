"""The development stack: the real broker and the real database, started by one command and gone with it."""
