"""Terms, levels and texts of the command centre as dated data, each with its article and R-number."""
