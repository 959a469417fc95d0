"""Holds the write lock of a SQLite database until it is killed.

usage: hold_lock.py FILE
"""
import sqlite3, sys, threading

connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
threading.Event().wait()
