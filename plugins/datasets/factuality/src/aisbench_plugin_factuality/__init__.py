"""SimpleQA and Humanity's Last Exam, judged as their authors judge, for aisbench."""

__version__ = "0.1.0"
