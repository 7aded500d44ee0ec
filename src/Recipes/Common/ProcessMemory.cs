using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Recipes;

/// <summary>Physical memory of this process in bytes, native memory included.</summary>
public static partial class ProcessMemory
{
    private const string Forget = "5"; // proc(5), clear_refs: the peak becomes what is resident now

    /// <summary>What is resident now.</summary>
    public static long Resident() => Status("VmRSS") ?? Environment.WorkingSet;

    /// <summary>The most that was resident, since the start or <see cref="ForgetPeak"/>.</summary>
    public static long Peak()
    {
        if (Status("VmHWM") is { } bytes)
            return bytes;
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Collects garbage and lets go of freed memory, so that what is resident is in use.</summary>
    public static void Trim()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library that keeps nothing back.
        }
    }

    /// <summary>Lets the peak start anew.</summary>
    /// <returns>False where the system cannot.</returns>
    public static bool ForgetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", Forget);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);

    // "VmRSS:     1234 kB"
    private static long? Status(string name) =>
        OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) is { } line
        && long.TryParse(line[(name.Length + 1)..].Trim().Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes * 1024
            : null;
}
