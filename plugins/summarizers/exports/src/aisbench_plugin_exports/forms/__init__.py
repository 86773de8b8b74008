"""What a run can be exported as: a module a form."""
