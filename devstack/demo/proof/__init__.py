"""The proof looks with its own eyes: pymongo, aiokafka and httpx only, the partners' own books, nothing of `libs`.

Whoever proves with the code that is to be proved proves nothing. So hashes, signatures, sums and orders are computed
here a second time, from what stands in the database, on the wire and in the partners' books.
"""
