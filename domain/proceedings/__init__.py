"""Matters before the bodies: papers, recommendations, motions and decisions."""
