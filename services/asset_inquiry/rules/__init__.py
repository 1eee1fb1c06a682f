"""The law of inquiry and control as dated data: measures, papers, terms, reply deadlines, return codes."""
