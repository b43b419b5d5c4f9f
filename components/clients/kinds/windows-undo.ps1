
# In the place of windows-main.ps1: takes back what a setup has done where the stack of that setup is gone. The name of the
# registry is all that it needs; the other values are empty.
Assert-Windows
Uninstall-Trust
Show-Restart
