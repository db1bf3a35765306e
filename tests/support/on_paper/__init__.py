"""The record as a clerk would keep it on paper: a model that shares none of the domain's code."""
