"""What is in ``guest`` needs the virtual machine's kernel: ``make test-vm`` runs it there, without this file."""

collect_ignore = ["guest"]
