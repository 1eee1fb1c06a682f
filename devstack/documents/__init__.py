"""The generators of the documents below `docs/`, each a function that is given the folder to write into."""
