using System.Diagnostics;
using System.Globalization;

namespace Recipes.Benchmarks;

/// <summary>MobileOne-S0 in plain PyTorch (<c>peers/mobileone_s0.py</c>) in a process of its own, stepped on request.</summary>
internal sealed class PyTorchPeer : IDisposable
{
    private readonly Process _process;

    private PyTorchPeer(Process process, string version) => (_process, Version) = (process, version);

    /// <summary>PyTorch's version.</summary>
    public string Version { get; }

    /// <summary>Starts the peer, or says why there is none.</summary>
    public static PyTorchPeer? Start(int pixels, int batch, int threads, out string why)
    {
        why = "";
        // Debian's python3-torch belongs to the system's python, which need not be the first on the path.
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        var start = new ProcessStartInfo(
            python,
            [Path.Combine(AppContext.BaseDirectory, "peers", "mobileone_s0.py"), $"{pixels}", $"{batch}", $"{threads}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            if (process.StandardOutput.ReadLine() is { } line && line.StartsWith("ready ", StringComparison.Ordinal))
                return new PyTorchPeer(process, line["ready ".Length..]);
            process.Dispose();
            why = $"{python} has no torch (Debian: apt install python3-torch)";
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            why = $"{python} does not start: {e.Message}";
        }
        return null;
    }

    /// <summary>One training step; <paramref name="format"/> is <c>contiguous</c> or <c>channels_last</c>.</summary>
    public Cost Step(string format)
    {
        _process.StandardInput.WriteLine(format);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new RecipesException($"The PyTorch peer died in a {format} step.");
        var seconds = line.Split(' ').Select(s => double.Parse(s, CultureInfo.InvariantCulture)).ToArray();
        return new Cost(seconds[0] * 1000, seconds[1] * 1000);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(5000);
        _process.Dispose();
    }
}
