"""The demo accounts of the local platform. They exist nowhere else."""

INSTRUCTOR = "instructor@learnflow.example"
STUDENT = "student@learnflow.example"
PASSWORD = "correct horse battery staple"
