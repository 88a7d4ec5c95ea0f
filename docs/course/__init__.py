"""Ships the lessons beside this file, which `setback course start` copies out; nothing of it is imported."""
