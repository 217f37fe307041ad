"""What keeps the house in order: the lock, the notebooks' form, the message catalogues. Run as ``python -m tools.<name>``; ``make help`` lists the verbs."""
