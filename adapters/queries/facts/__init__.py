"""Facts across time: their two clocks, and what commands would make of them."""
