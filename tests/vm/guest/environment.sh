# For the shell, in the virtual machine: our Python, with compiled files and caches on the machine's own disks.
export PATH=/opt/callfloor/bin:$PATH HOME=/root LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1
export PYTHONPYCACHEPREFIX=/opt/callfloor/compiled XDG_CACHE_HOME=/opt/callfloor/cache
export HYPOTHESIS_STORAGE_DIRECTORY=/var/cache/hypothesis PYTEST_ADDOPTS="-p no:cacheprovider --color=no"
