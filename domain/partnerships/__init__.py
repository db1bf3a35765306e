"""Partnerships of the city, explorations of new ones, and the cited study of world cities."""
