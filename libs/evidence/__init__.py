"""Evidence: signatures that bind an author, and (in `chain`) hashes that show when something was changed."""

from libs.evidence.keys import generate_key, jwks, load_key
from libs.evidence.signing import SignatureInvalid, Signer, Verifier

__all__ = ["SignatureInvalid", "Signer", "Verifier", "generate_key", "jwks", "load_key"]
