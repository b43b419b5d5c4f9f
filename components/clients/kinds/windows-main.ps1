
# What a person runs; without an argument it sets up.
function Invoke-Main([string] $Action) {
    Assert-Windows
    switch ($Action) {
        '' { Install-Trust }
        'setup' { Install-Trust }
        'undo' { Uninstall-Trust }
        default { Stop-WithSentence "'$Action' is not known: give 'undo' to take back what was set up, or nothing to set up." }
    }
    Show-Restart
}

Invoke-Main ([string] ($args | Select-Object -First 1))
