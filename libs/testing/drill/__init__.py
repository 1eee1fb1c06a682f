"""Small programs made of the product's own journal, relay and consumer, to be run as processes, struck and counted.

    python -m libs.testing.drill writer --mongo-uri … --database … --streams 100 --count 10000
    python -m libs.testing.drill relay --mongo-uri … --database … --bootstrap … --topic-prefix …
    python -m libs.testing.drill consumer --mongo-uri … --database … --bootstrap … --topic-prefix … --name …
    python -m libs.testing.drill operator --mongo-uri … --database … --seed …

Each says what it did in lines of JSON that begin with `{"drill":`; the product's own log lines stand between them.
SIGTERM ends each in order. What they write are real events of the table of topics, borrowed for their shape.
"""
