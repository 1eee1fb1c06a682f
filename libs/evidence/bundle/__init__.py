"""The evidence bundle of a case: collected from all services into one file, verified offline by anyone.

A bundle is lines of canonical JSON: an opening, then for each service its public keys, its roots, proofs of stream
heads under them, and its part as it was signed; at the end a seal over all lines. `docs/runbooks/evidence-bundle.md`
shows how it is made and read.
"""

from libs.evidence.bundle.findings import BundleReport, Finding, ServiceSummary
from libs.evidence.bundle.verifying import verify_bundle

__all__ = ["BundleReport", "Finding", "ServiceSummary", "verify_bundle"]
