"""One run against Amazon Personalize that settles what `docs/assumptions.md` assumes of it."""
