"""Faults put into the program one by one: which of them do the nearest tests notice?"""
