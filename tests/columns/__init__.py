"""Columns of a whole county changed one by one: does the list stay, or is the loss told?"""
