"""Intake (立案): an application becomes a case; documents and approvals; the case's life."""
