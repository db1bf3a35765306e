"""The programme of one year: plan, limits, rotation by region, yearly activities."""
