"""What datapkg costs, beside what people would use instead: `python -m benchmarks [small|large] [PART ...]`."""

part = ""
"""The part that is being measured."""
size = "usual"
"""How much is measured; of `small` no figure is judged."""
