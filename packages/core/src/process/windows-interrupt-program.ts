/**
 * What the helper runs, in PowerShell, which every Windows has; $args[0] is the pid that handles are made for. It reads a line each from its
 * standard input, and answers each on its standard output:
 *
 *     new        an event is made; answers with its handle, which is valid, and can be inherited, in that process
 *     set H      the event is set: the kernel that waits for it interrupts itself
 *     close H    the handle is closed, in that process, too
 *
 * Answers: `ok VALUE`, or `error TEXT`. At the end of its input it ends, and its events with it.
 */
export const WINDOWS_INTERRUPT_PROGRAM = `
$ErrorActionPreference = 'Stop'
Add-Type -Namespace Kernelkit -Name Native -MemberDefinition @'
[DllImport("kernel32.dll", SetLastError = true)] public static extern IntPtr CreateEventW(IntPtr attributes, bool manual, bool initial, IntPtr name);
[DllImport("kernel32.dll", SetLastError = true)] public static extern bool SetEvent(IntPtr handle);
[DllImport("kernel32.dll", SetLastError = true)] public static extern bool CloseHandle(IntPtr handle);
[DllImport("kernel32.dll", SetLastError = true)] public static extern IntPtr OpenProcess(uint access, bool inherit, uint pid);
[DllImport("kernel32.dll", SetLastError = true)] public static extern IntPtr GetCurrentProcess();
[DllImport("kernel32.dll", SetLastError = true)] public static extern bool DuplicateHandle(IntPtr from, IntPtr handle, IntPtr to, out IntPtr copy, uint access, bool inherit, uint options);
'@
function Check([bool]$isFine) {
  if (-not $isFine) { throw (New-Object ComponentModel.Win32Exception([Runtime.InteropServices.Marshal]::GetLastWin32Error())).Message }
}
$none = [IntPtr]::Zero
# PROCESS_DUP_HANDLE
$owner = [Kernelkit.Native]::OpenProcess(0x40, $false, [uint32]$args[0])
Check ($owner -ne $none)
$events = @{}
[Console]::Out.WriteLine('ok ready')
while (($line = [Console]::In.ReadLine()) -ne $null) {
  try {
    $verb, $handle = $line.Split(' ')
    if ($verb -eq 'new') {
      $event = [Kernelkit.Native]::CreateEventW($none, $false, $false, $none)
      Check ($event -ne $none)
      $copy = $none
      # DUPLICATE_SAME_ACCESS; the copy can be inherited by what that process starts
      Check ([Kernelkit.Native]::DuplicateHandle([Kernelkit.Native]::GetCurrentProcess(), $event, $owner, [ref]$copy, 0, $true, 2))
      $events["$copy"] = $event
      [Console]::Out.WriteLine("ok $copy")
    } elseif ($verb -eq 'set') {
      Check ([Kernelkit.Native]::SetEvent($events[$handle]))
      [Console]::Out.WriteLine('ok')
    } elseif ($verb -eq 'close') {
      $copy = $none
      # DUPLICATE_CLOSE_SOURCE: closes the handle over there
      [void][Kernelkit.Native]::DuplicateHandle($owner, [IntPtr][long]$handle, $none, [ref]$copy, 0, $false, 1)
      [void][Kernelkit.Native]::CloseHandle($events[$handle])
      $events.Remove($handle)
      [Console]::Out.WriteLine('ok')
    } else { throw "unknown: $line" }
  } catch {
    [Console]::Out.WriteLine("error $($_.Exception.Message)")
  }
}
`;
