"""Studies: policies, worlds and rooms in a file, run task by task, kept and checked."""
