"""A small class of made-up students, for seeing the course's grading from end to end."""
