# Docker Desktop on Windows: the CA in the certificate store of the person who runs this, which browsers use, too; or,
# without TLS, an entry in %USERPROFILE%\.docker\daemon.json. Runs in Windows PowerShell 5.1 and in PowerShell 7.
# Values: $registry, $trust, $caCertificate and $said, as lib.sh has them.
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version 2

# Written on the certificate in the store: what has this name came from here.
$ownName = "nas-registry $registry"

# Puts these certificates, and of ours no others, into the person's own stores. A root certificate is trusted by its store alone;
# an intermediate one belongs to the intermediate ones, since Windows takes a chain for whole only when it ends in a root.
function Set-CaCertificates([string] $Pem) {
    $all = @(
        foreach ($block in [regex]::Matches($Pem, '-----BEGIN CERTIFICATE-----([^-]+)-----END')) {
            $bytes = [Convert]::FromBase64String($block.Groups[1].Value)
            New-Object System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList @(, $bytes)
        }
    )
    foreach ($name in 'Root', 'CA') {
        $wanted = @($all | Where-Object { ($_.Subject -eq $_.Issuer) -eq ($name -eq 'Root') })
        $store = New-Object System.Security.Cryptography.X509Certificates.X509Store -ArgumentList $name, 'CurrentUser'
        $store.Open('ReadWrite')
        foreach ($each in @($store.Certificates | Where-Object { $_.FriendlyName -eq $ownName })) {
            if (@($wanted | ForEach-Object { $_.Thumbprint }) -notcontains $each.Thumbprint) { $store.Remove($each) }
        }
        foreach ($each in $wanted) {
            if (@($store.Certificates | ForEach-Object { $_.Thumbprint }) -contains $each.Thumbprint) { continue }
            if ($name -eq 'Root') {
                Write-Output 'Windows asks whether to trust the certificate authority: compare the thumbprint it shows with this one:'
                Write-Output $each.Thumbprint
            }
            $each.FriendlyName = $ownName
            $store.Add($each)
        }
        $store.Close()
    }
}

$daemonFile = Join-Path $env:USERPROFILE '.docker\daemon.json'
# Of one registry, so that two of them do not overwrite each other's; a colon is not allowed in a name.
$daemonCopy = "$daemonFile.before-nas-registry-" + ($registry -replace '[:\[\]]', '_')

function Get-Entries($Settings) {
    $list = $Settings.PSObject.Properties['insecure-registries']
    if ($list) { $list.Value }
}

function ConvertFrom-Settings([string] $Text) {
    try { $settings = $Text | ConvertFrom-Json } catch { $settings = $null }
    if ($settings -isnot [Management.Automation.PSCustomObject]) {
        throw "nas-registry: '$daemonFile' is not a JSON object that PowerShell can read: mend it, and run this again."
    }
    $settings
}

# The text with those entries of others, and with these.
function Get-Changed([string] $Text, [string[]] $Own) {
    $settings = ConvertFrom-Settings $Text
    # Cast, since Windows PowerShell writes other arrays as objects with a Count. A list may be null.
    [string[]] $entries = @(Get-Entries $settings | Where-Object { $_ -and $_ -ne $registry }) + $Own
    $settings.PSObject.Properties.Remove('insecure-registries')
    if ($entries.Count -gt 0) {
        $settings | Add-Member -MemberType NoteProperty -Name 'insecure-registries' -Value $entries
    }
    $settings | ConvertTo-Json -Depth 64
}

# What a file holds, without a byte order mark; an empty object for a missing one or one without settings, as Docker has it.
function Read-Settings([string] $Path) {
    $text = ''
    if (Test-Path -LiteralPath $Path) { $text = [IO.File]::ReadAllText($Path).Trim() }
    if ($text -in '', 'null') { '{}' } else { $text }
}

function Add-InsecureRegistry {
    $before = Read-Settings $daemonFile
    if (@(Get-Entries (ConvertFrom-Settings $before)) -contains $registry) { return }
    New-Item -ItemType Directory -Force -Path (Split-Path $daemonFile) | Out-Null
    # UTF-8 without a byte order mark, which Docker refuses.
    [IO.File]::WriteAllText($daemonCopy, '')
    if (Test-Path -LiteralPath $daemonFile) { Copy-Item -LiteralPath $daemonFile -Destination $daemonCopy }
    [IO.File]::WriteAllText($daemonFile, (Get-Changed $before @($registry)))
}

# The copy gives back every byte as long as nobody has changed the file meanwhile.
function Remove-InsecureRegistry {
    if (-not (Test-Path -LiteralPath $daemonCopy)) { return }
    $now = Read-Settings $daemonFile
    if ($now -ne (Get-Changed (Read-Settings $daemonCopy) @($registry))) {
        [IO.File]::WriteAllText($daemonFile, (Get-Changed $now @()))
        Remove-Item -LiteralPath $daemonCopy
    } elseif ((Get-Item -LiteralPath $daemonCopy).Length -eq 0) {
        Remove-Item -LiteralPath $daemonCopy, $daemonFile
    } else {
        Move-Item -Force -LiteralPath $daemonCopy -Destination $daemonFile
    }
}

# What a person runs: it makes the machine what $trust says, also where it was set up otherwise before, or takes that back.
function Invoke-Main([string] $Action) {
    if ([Environment]::OSVersion.Platform -ne [PlatformID]::Win32NT) {
        throw 'nas-registry: this is not Windows: use the script for this machine.'
    }
    switch ($Action) {
        { $_ -in '', 'setup' } { }
        'undo' { $trust, $said = '', "no longer trusts $registry." }
        default { throw "nas-registry: '$Action' is not known: give 'undo' to take back what was set up, or nothing to set up." }
    }
    Set-CaCertificates $(if ($trust -eq 'authority') { $caCertificate })
    if ($trust -eq 'insecure') { Add-InsecureRegistry } else { Remove-InsecureRegistry }
    Write-Output "This PC $said"
    Write-Output 'Restart Docker Desktop (in its menu: Restart).'
}

Invoke-Main ([string] ($args | Select-Object -First 1))
