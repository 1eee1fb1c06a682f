"""Who is listed: by identity number a verdict, by name alone candidates with an explained score."""
